import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { splitNames, testKey, textOf } from '../packed/key.ts';
import type { TestBatch } from './batch.ts';
import { JUNIT } from './junit/format.ts';
import { parseInline } from './parse-inline.ts';
import { ParserThread } from './parser-thread.ts';

const TESTS = 10_000;
const DOCUMENT = `<testsuite name="s">${Array.from({ length: TESTS }, (_, index) => {
  return index % 7 === 0
    ? `<testcase name="t${index}"><failure message="größer &gt;">trace ${index}</failure></testcase>`
    : `<testcase name="t${index}" time="0.${index}"/>`;
}).join('\n')}</testsuite>`;

let thread: ParserThread | null = null;
afterEach(async () => {
  await thread?.close();
  thread = null;
});

function inPieces(text: string, size = 10_000): Readable {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  return Readable.from(pieces);
}

function keysOf({ suites, suite_tests, names }: TestBatch): string[] {
  const bySuite = splitNames(textOf(suites)).flatMap((suite, at) => Array<string>(suite_tests[at] ?? 0).fill(suite));
  return splitNames(textOf(names)).map((name, index) => testKey(bySuite[index] ?? '', name));
}

async function collect(parse: (sink: (batch: TestBatch) => Promise<void>) => Promise<unknown>) {
  const batches: TestBatch[] = [];
  const report = await parse(async (batch) => void batches.push(batch));
  const keys = batches.flatMap(keysOf);
  const statuses = batches.flatMap((batch) => [...batch.statuses]);
  const durations = batches.flatMap((batch) => [...batch.durations_ms]);
  const details = batches.flatMap((batch) => batch.details);
  return { report, keys, statuses, durations, details };
}

describe('the parser thread', () => {
  it('gives what parsing in place gives, file after file', async () => {
    const parser = new ParserThread();
    thread = parser;
    const inPlace = await collect((sink) => parseInline(JUNIT, inPieces(DOCUMENT), sink));
    expect(inPlace.keys).toHaveLength(TESTS);
    expect(inPlace.report).toEqual({ tests: TESTS, problem: null, extras_left_out: 0 });
    expect(await collect((sink) => parser.parse(JUNIT, inPieces(DOCUMENT), sink))).toEqual(inPlace);
    const broken = await collect((sink) => parser.parse(JUNIT, inPieces(`${DOCUMENT}<more>`), sink));
    expect(broken.report).toMatchObject({ tests: TESTS, problem: { code: 'GC1701' } });
    expect(await collect((sink) => parser.parse(JUNIT, inPieces(DOCUMENT, 777_777), sink))).toEqual(inPlace);
  });

  it('gives the same, however big the pieces of the stream are', async () => {
    const parser = new ParserThread();
    thread = parser;
    const whole = await collect((sink) => parseInline(JUNIT, inPieces(DOCUMENT), sink));
    for (const size of [1000, 128 * 1024, 200_001]) {
      expect(await collect((sink) => parser.parse(JUNIT, inPieces(DOCUMENT, size), sink))).toEqual(whole);
    }
  });

  it('stops reading a file that is broken early', async () => {
    const parser = new ParserThread();
    thread = parser;
    let read = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        read++;
        yield Buffer.from('no xml '.repeat(1000));
      }
    }
    const { report } = await collect((sink) => parser.parse(JUNIT, Readable.from(endless()), sink));
    expect(report).toMatchObject({ tests: 0, problem: { code: 'GC1703' } });
    expect(read).toBeLessThan(1000);
  });

  it('passes on what the stream and the sink throw', async () => {
    thread = new ParserThread();
    const failing = new Readable({ read: () => undefined });
    failing.destroy(new Error('the disk is gone'));
    await expect(thread.parse(JUNIT, failing, async () => undefined)).rejects.toThrow('the disk is gone');
    await thread.close();
    thread = new ParserThread();
    const refusing = async () => {
      throw new Error('no room');
    };
    await expect(thread.parse(JUNIT, inPieces(DOCUMENT), refusing)).rejects.toThrow('no room');
  });

  it('does not wait for a thread that is gone', async () => {
    thread = new ParserThread();
    const parsing = thread.parse(JUNIT, inPieces(DOCUMENT.repeat(50)), async () => undefined);
    const failed = expect(parsing).rejects.toThrow('the parser thread ended');
    await thread.close();
    await failed;
  });
});
