import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Random, seededRandom } from '../src/base/random.ts';

/** A look-alike of a big JUnit file; the same options give the same bytes. */
export interface JunitInput {
  tests: number;
  seed: number;
  /** Tests a suite. Default 60. */
  suite_tests?: number;
  /** Share of names that differ from those of another `edition`. Default 0. */
  renamed_share?: number;
  edition?: number;
  /** Share of tests that fail, each with a message and a trace of about a kilobyte. Default 0.002. */
  failed_share?: number;
  /** Seed of statuses and durations, so that two runs of one list differ. Default: `seed`. */
  run_seed?: number;
}

const WORDS = [
  'parser',
  'quotes',
  'queue',
  'order',
  'clock',
  'zones',
  'camera',
  'media',
  'audio',
  'network',
  'storage',
];
const PIECE_CHARACTERS = 64 * 1024;

/** The file in pieces: one root, suites in no order, their tests in no order, as runners with many processes write them. */
export function* junitPieces(input: JunitInput): Generator<string> {
  const { tests, suite_tests = 60 } = input;
  const order = seededRandom(input.seed);
  const run = seededRandom((input.run_seed ?? input.seed) + 1);
  const suites = Math.ceil(tests / suite_tests);
  const permuted = permutation(suites, order);
  let piece = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="all">\n';
  for (const suite of permuted) {
    const count = Math.min(suite_tests, tests - suite * suite_tests);
    const name = suiteName(suite);
    piece += `<testsuite name="${name}" tests="${count}">\n`;
    for (const index of permutation(count, order)) {
      piece += testCase(input, name, suite * suite_tests + index, run);
      if (piece.length > PIECE_CHARACTERS) {
        yield piece;
        piece = '';
      }
    }
    piece += '</testsuite>\n';
  }
  yield `${piece}</testsuites>\n`;
}

/** Writes it to a file. */
export async function writeJunit(path: string, input: JunitInput): Promise<void> {
  await pipeline(Readable.from(junitPieces(input), { objectMode: false }), createWriteStream(path));
}

function suiteName(suite: number): string {
  const word = (shift: number): string => WORDS[(suite >>> shift) % WORDS.length] as string;
  return `com.acme.${word(3)}.${word(1)}.Module${suite}Test`;
}

function testCase(input: JunitInput, suite: string, index: number, random: Random): string {
  // Whether a name changes depends on its number alone, so that both editions agree on which ones.
  const scattered = (Math.imul(index + 1, 0x9e3779b1) >>> 0) / 2 ** 32;
  const renamed = scattered < (input.renamed_share ?? 0) ? `_v${input.edition ?? 0}` : '';
  const name = `test${WORDS[index % WORDS.length]}Case${index}${renamed}[${index % 7}]`;
  const time = (random.fraction() ** 4 * 2).toFixed(3);
  const head = `  <testcase name="${name}" classname="${suite}" time="${time}"`;
  const draw = random.fraction();
  if (draw < (input.failed_share ?? 0.002)) return `${head}>${failure(suite, name, index)}</testcase>\n`;
  if (draw > 0.99) return `${head}><skipped/></testcase>\n`;
  return `${head}/>\n`;
}

function failure(suite: string, name: string, index: number): string {
  const frames = Array.from(
    { length: 12 },
    (_, depth) => `\tat ${suite}.step${depth}(Module.java:${(index % 90) + depth})`,
  );
  const message = `expected &lt;${index % 100}&gt; but was &lt;${index % 17}&gt;`;
  return `<failure message="${message}" type="AssertionError">java.lang.AssertionError: ${name}\n${frames.join('\n')}</failure>`;
}

function permutation(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = Math.floor(random.fraction() * (index + 1));
    [order[index], order[other]] = [order[other] as number, order[index] as number];
  }
  return order;
}
