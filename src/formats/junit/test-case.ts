import { storable } from '../../base/storable.ts';
import type { TestStatus } from '../../protocol/results.ts';
import type { ParsedTest, ParseLimits } from '../contract.ts';
import { baseName, locationInTrace } from '../location.ts';
import { CappedText, firstLine } from '../text.ts';

/** Elements of a test case that say how it, or one attempt of it, ended. Surefire writes the last four. */
export type Ending = 'failure' | 'error' | 'skipped' | 'rerunFailure' | 'rerunError' | 'flakyFailure' | 'flakyError';

const ENDINGS: ReadonlySet<string> = new Set<Ending>([
  'failure',
  'error',
  'skipped',
  'rerunFailure',
  'rerunError',
  'flakyFailure',
  'flakyError',
]);

export function isEnding(element: string): element is Ending {
  return ENDINGS.has(element);
}

/** GoogleTest and others say in an attribute that a test did not run. */
const NOT_RUN: ReadonlySet<string> = new Set(['notrun', 'suppressed', 'disabled', 'skipped', 'ignored']);

export interface TestIdentity {
  suite: string;
  name: string;
  duration_ms: number | null;
  file: string | null;
  line: number | null;
  /** Attribute `status` or `result`. */
  outcome: string;
}

/** A test case whose element is open: collects how it ended. */
export class OpenTestCase {
  readonly #identity: TestIdentity;
  readonly #limits: ParseLimits;
  #failed = false;
  #skipped: string | null = null;
  #reruns = 0;
  #flaky = 0;
  #message: CappedText | null = null;
  #trace: CappedText | null = null;

  constructor(identity: TestIdentity, limits: ParseLimits) {
    this.#identity = identity;
    this.#limits = limits;
  }

  get suite(): string {
    return this.#identity.suite;
  }

  get name(): string {
    return this.#identity.name;
  }

  /** Has anything been said about how it ended? */
  get hasEnding(): boolean {
    return this.#failed || this.#skipped !== null || this.#flaky > 0;
  }

  /** An element inside it; its text follows by `text`. The first failure's message counts, all traces are kept. */
  ending(kind: Ending, type: string, message: string): void {
    if (kind === 'skipped') this.#skipped = type;
    else if (kind === 'rerunFailure' || kind === 'rerunError') this.#reruns++;
    else if (kind === 'flakyFailure' || kind === 'flakyError') this.#flaky++;
    else this.#failed = true;
    const isReason = kind !== 'skipped' || !this.#failed;
    if (message !== '' && this.#message === null && isReason) {
      this.#message = new CappedText(this.#limits.message_characters);
      this.#message.append(message);
    }
    if (this.#trace !== null && this.#trace.length > 0) this.#trace.append('\n');
  }

  text(piece: string): void {
    this.#trace ??= new CappedText(this.#limits.trace_characters);
    this.#trace.append(piece);
  }

  finish(): ParsedTest {
    const { suite, name, duration_ms, file, line } = this.#identity;
    const status = this.#status();
    const attempts = 1 + this.#reruns + this.#flaky;
    const failed_attempts = status === 'fail' ? 1 + this.#reruns : this.#flaky;
    // Written out, since this is done for every single test.
    const test: ParsedTest = {
      suite,
      name,
      status,
      duration_ms,
      message: null,
      trace: null,
      cut_characters: 0,
      file,
      line,
      attempts,
      failed_attempts,
    };
    if (status !== 'pass' && status !== 'skip') this.#explain(test);
    return test;
  }

  /** Adds what is known of a test that did not pass. */
  #explain(test: ParsedTest): void {
    test.trace = this.#trace?.toString().trim() || null;
    test.message = this.#readableMessage(test.trace);
    test.cut_characters = (this.#message?.cut ?? 0) + (this.#trace?.cut ?? 0);
    const place = test.trace === null || test.line !== null ? null : splitPlace(locationInTrace(test.trace));
    if (place !== null) Object.assign(test, place);
    else if (test.file !== null) test.file = baseName(test.file);
  }

  #status(): TestStatus {
    const isTodo = this.#skipped === 'todo';
    if (this.#failed) return isTodo ? 'xfail' : 'fail';
    if (this.#flaky > 0) return 'flaky';
    if (this.#skipped !== null) return this.#skipped === 'pytest.xfail' ? 'xfail' : 'skip';
    return NOT_RUN.has(this.#identity.outcome) ? 'skip' : 'pass';
  }

  /** Go writers put only `Failed` into the message; what failed is in the text then. */
  #readableMessage(trace: string | null): string | null {
    const message = this.#message?.toString().trim() ?? '';
    if (trace === null) return message || null;
    if (message === '' || /^failed$/i.test(message)) {
      const line = /^\s*[\w./-]+_test\.go:\d+: .*$/m.exec(trace)?.[0].trim() ?? firstLine(trace);
      return line === null ? message || null : storable(line.slice(0, this.#limits.message_characters));
    }
    return message;
  }
}

function splitPlace(place: string | null): { file: string; line: number } | null {
  if (place === null) return null;
  const colon = place.lastIndexOf(':');
  return { file: place.slice(0, colon), line: Number(place.slice(colon + 1)) };
}
