import type { ParsedTest, ParseLimits } from '../contract.ts';
import type { Extras } from '../extras.ts';
import { ParseStop } from '../problem.ts';
import { storableName } from '../text.ts';
import type { Attribute, XmlHandler } from '../xml/contract.ts';
import { AttachmentFinder } from './attachments.ts';
import { durationFrom_ms } from './duration.ts';
import { suiteName } from './suite-name.ts';
import { type Ending, isEnding, OpenTestCase } from './test-case.ts';

/** What it is called when a failure stands in a test suite outside any test case. */
const SUITE_ITSELF = '(suite)';
/** Where a test's own output stands. */
const OUTPUT: ReadonlySet<string> = new Set(['system-out', 'system-err']);
const NOT_A_NAME = 'undefined';

/** Turns the elements of a JUnit document into tests. Unknown elements are passed over. */
export class JunitDocument implements XmlHandler {
  readonly #sink: (test: ParsedTest) => void;
  readonly #extras: Extras;
  readonly #limits: ParseLimits;
  readonly #attachments = new AttachmentFinder((path) => this.#attach(path));
  /** Depth of the open element with the output of a test. */
  #outputDepth = 0;
  /** Names of the open test suites, unnamed ones left out; `#depths` says which elements they are. */
  readonly #chain: string[] = [];
  readonly #depths: number[] = [];
  #depth = 0;
  #test: OpenTestCase | null = null;
  #testDepth = 0;
  /** Depth of the open failure, error or skipped element whose text is kept. */
  #endingDepth = 0;
  /** Depth of an element whose text is not kept although it is inside one that is. */
  #mutedDepth = 0;
  /** Node's own reporter: the outermost element has no attributes, test suites say how many are disabled. */
  #bareRoot = false;
  #writtenByNode = false;
  /** The suite of the test before, as it was written and as it is stored. */
  #suite = { written: '', stored: '(no suite)' };

  constructor(sink: (test: ParsedTest) => void, extras: Extras, limits: ParseLimits) {
    this.#sink = sink;
    this.#extras = extras;
    this.#limits = limits;
  }

  open(element: string, attributes: readonly Attribute[]): void {
    this.#depth++;
    if (element === 'testcase') this.#openTest(attributes);
    else if (element === 'testsuite') this.#openSuite(attributes);
    else if (this.#depth === 1) this.#openRoot(element, attributes);
    else if (isEnding(element)) this.#openEnding(element, attributes);
    else if (this.#test === null && element === 'property') this.#openProperty(attributes);
    else if (this.#endingDepth === 0 && OUTPUT.has(element)) this.#outputDepth ||= this.#depth;
    else if (this.#endingDepth > 0 && element !== 'stackTrace') this.#mutedDepth ||= this.#depth;
  }

  text(text: string): void {
    if (this.#outputDepth > 0 && this.#test !== null) this.#attachments.push(text);
    if (this.#endingDepth > 0 && this.#mutedDepth === 0) this.#test?.text(this.#unescape(text));
  }

  close(element: string): void {
    const depth = this.#depth--;
    if (depth === this.#mutedDepth) this.#mutedDepth = 0;
    if (depth === this.#endingDepth) this.#endingDepth = 0;
    if (depth === this.#outputDepth) this.#outputDepth = 0;
    if (depth === this.#testDepth) this.#finishTest();
    if (element === 'testsuite' && depth === this.#depths[this.#depths.length - 1]) {
      this.#depths.pop();
      this.#chain.pop();
    }
  }

  /** The input broke off: a test case is kept when it had already said how it ended. */
  finishEarly(): void {
    if (this.#test?.hasEnding) this.#finishTest();
  }

  #openRoot(element: string, attributes: readonly Attribute[]): void {
    if (element !== 'testsuites') throw notJunit(element);
    this.#bareRoot = attributes.length === 0;
  }

  #openSuite(attributes: readonly Attribute[]): void {
    this.#writtenByNode ||= this.#bareRoot && attributes.some((attribute) => attribute.name === 'disabled');
    const name = attributeOf(attributes, 'name');
    if (name === '' || name === NOT_A_NAME) return;
    this.#chain.push(name);
    this.#depths.push(this.#depth);
  }

  #openProperty(attributes: readonly Attribute[]): void {
    const suite = this.#chain.length === 0 ? null : this.#unescape(this.#chain.join('/'));
    const value = attributeOf(attributes, 'value');
    this.#extras.fact(suite, this.#unescape(attributeOf(attributes, 'name')), this.#unescape(value));
  }

  #attach(path: string): void {
    if (this.#test !== null) this.#extras.attachment(this.#test.suite, this.#test.name, path);
  }

  #openTest(attributes: readonly Attribute[]): void {
    if (this.#test !== null) this.#finishTest();
    let name = '';
    let classname = '';
    let duration_ms: number | null = null;
    let file: string | null = null;
    let line: number | null = null;
    let outcome = '';
    for (const { name: attribute, value } of attributes) {
      if (attribute === 'name') name = value;
      else if (attribute === 'classname') classname = value;
      else if (attribute === 'time') duration_ms = durationFrom_ms(value);
      else if (attribute === 'file') file = value;
      else if (attribute === 'line') line = Number.parseInt(value, 10) || null;
      else if (attribute === 'status' && outcome === '') outcome = value;
      else if (attribute === 'result' && value !== 'completed') outcome = value;
    }
    this.#writtenByNode ||= this.#bareRoot && classname === 'test';
    this.#begin({ suite: suiteName(this.#chain, classname, name), name, duration_ms, file, line, outcome });
  }

  #begin(identity: ConstructorParameters<typeof OpenTestCase>[0]): void {
    const limit = this.#limits.name_characters;
    // Tests of a suite stand together.
    if (identity.suite !== this.#suite.written) {
      const stored = storableName(this.#unescape(identity.suite), limit, '(no suite)');
      this.#suite = { written: identity.suite, stored };
    }
    const suite = this.#suite.stored;
    const name = storableName(this.#unescape(identity.name), limit, '(no name)');
    const { duration_ms, line } = identity;
    const file = identity.file === null ? null : storableName(identity.file, limit, '');
    this.#test = new OpenTestCase({ suite, name, duration_ms, file, line, outcome: identity.outcome }, this.#limits);
    this.#testDepth = this.#depth;
  }

  #openEnding(element: Ending, attributes: readonly Attribute[]): void {
    if (this.#test === null) {
      if (element === 'skipped') return;
      const suite = this.#chain.join('/');
      this.#begin({ suite, name: SUITE_ITSELF, duration_ms: null, file: null, line: null, outcome: '' });
    }
    const message = this.#unescape(attributeOf(attributes, 'message'));
    this.#test?.ending(element, attributeOf(attributes, 'type'), message);
    this.#endingDepth ||= this.#depth;
  }

  #finishTest(): void {
    const test = this.#test;
    this.#test = null;
    this.#testDepth = 0;
    this.#endingDepth = 0;
    this.#mutedDepth = 0;
    this.#outputDepth = 0;
    this.#attachments.reset();
    if (test !== null) this.#sink(test.finish());
  }

  /** Node's reporter writes `"` in attributes as `&amp;quot;`, which comes out here as `&quot;`. */
  #unescape(text: string): string {
    return this.#writtenByNode && text.includes('&quot;') ? text.replaceAll('&quot;', '"') : text;
  }
}

function attributeOf(attributes: readonly Attribute[], name: string): string {
  for (const attribute of attributes) if (attribute.name === name) return attribute.value;
  return '';
}

function notJunit(element: string): ParseStop {
  const root = element.length > 60 ? `${element.slice(0, 60)}…` : element;
  return new ParseStop('GC1703', `its outermost element is <${root}>, not <testsuites> or <testsuite>.`);
}
