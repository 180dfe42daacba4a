import { BatchCollector, type TestBatch } from './batch.ts';
import { DEFAULT_PARSE_LIMITS, type Format, type ParseLimits, type ParseReport } from './contract.ts';

/** Parses a small file where it is; the same answers as `ParserThread.parse`. */
export async function parseInline(
  format: Format,
  stream: AsyncIterable<Uint8Array>,
  sink: (batch: TestBatch) => Promise<void>,
  limits: ParseLimits = DEFAULT_PARSE_LIMITS,
): Promise<ParseReport> {
  const ready: TestBatch[] = [];
  const collector = new BatchCollector((batch) => ready.push(batch));
  const parser = format.parser(collector, limits);
  const drain = async (): Promise<void> => {
    for (const batch of ready.splice(0)) await sink(batch);
  };
  for await (const bytes of stream) {
    parser.write(bytes);
    await drain();
    if (parser.stopped) break;
  }
  const report = parser.end();
  collector.flush();
  await drain();
  return report;
}
