import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { formatSize } from '../src/base/units.ts';

/** The machine in one line: figures mean little without it. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = formatSize(totalmem());
  return `${model}, ${availableParallelism()} cores, ${memory}, Node ${process.versions.node}, kernel ${release()}`;
}
