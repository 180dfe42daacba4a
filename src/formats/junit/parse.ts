import {
  DEFAULT_PARSE_LIMITS,
  type ParsedTest,
  type ParseLimits,
  type ParseProblem,
  type ParseReport,
  type Parser,
  type Sink,
} from '../contract.ts';
import { Extras } from '../extras.ts';
import { ParseStop } from '../problem.ts';
import type { XmlReader } from '../xml/contract.ts';
import { XmlDecoder } from '../xml/decode.ts';
import { openXml } from '../xml/scanner.ts';
import { JunitDocument } from './document.ts';

/**
 * A JUnit document that is fed with bytes in any split; the sink gets each test as soon as its element is closed.
 * Nothing about the content throws: after a problem the rest is passed over and `end` reports it.
 */
export class JunitParser implements Parser {
  readonly #decoder = new XmlDecoder();
  readonly #document: JunitDocument;
  readonly #reader: XmlReader;
  readonly #extras: Extras;
  #tests = 0;
  #bytes = 0;
  #sawElement = false;
  #problem: ParseProblem | null = null;

  constructor(sink: Sink, limits: ParseLimits = DEFAULT_PARSE_LIMITS) {
    this.#extras = new Extras(sink, limits);
    const count = (test: ParsedTest): void => {
      this.#tests++;
      sink.test(test);
    };
    const document = new JunitDocument(count, this.#extras, limits);
    this.#document = document;
    this.#reader = openXml(
      {
        open: (name, attributes) => {
          this.#sawElement = true;
          document.open(name, attributes);
        },
        close: (name) => document.close(name),
        text: (text) => document.text(text),
      },
      limits,
    );
  }

  /** Has a problem ended it? The rest of the file need not be read. */
  get stopped(): boolean {
    return this.#problem !== null;
  }

  write(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#guard(() => {
      for (const text of this.#decoder.write(bytes)) this.#reader.write(text);
    });
  }

  end(): ParseReport {
    this.#guard(() => {
      const rest = this.#decoder.end();
      this.#reader.write(rest);
      this.#reader.end();
    });
    return { tests: this.#tests, problem: this.#problem, extras_left_out: this.#extras.left_out };
  }

  #guard(step: () => void): void {
    if (this.#problem !== null) return;
    try {
      step();
    } catch (error) {
      if (!(error instanceof ParseStop)) throw error;
      this.#problem = this.#named(error.problem);
      this.#document.finishEarly();
    }
  }

  /** Before the first element it is no broken XML but no XML at all. */
  #named(problem: ParseProblem): ParseProblem {
    if (this.#sawElement || problem.code !== 'GC1701') return problem;
    const { line, column } = problem;
    if (this.#bytes === 0) return { code: 'GC1702', problem: 'it is empty', line: 0, column: 0 };
    return {
      code: 'GC1703',
      problem: `it is no XML (line ${line}, column ${column}: ${problem.problem}).`,
      line,
      column,
    };
  }
}
