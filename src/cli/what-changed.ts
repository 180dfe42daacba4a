import type { Operations } from '../protocol/client.generated.ts';
import type { Client } from './connect.ts';
import { plainText } from './text/plain.ts';

type Build = Operations['getBuild']['answer'];

/** What to type to see what changed since the build before; null when there is nothing that could be compared. */
export async function whatChanged(
  client: Client,
  { project, build, baseline, environments }: Build,
): Promise<string | null> {
  const tested = environments.filter(({ tests }) => tests > 0).map(({ environment }) => environment);
  if (baseline === null || tested.length === 0) return null;
  const before = await client.call('getBuild', { path: { id: baseline.build_id } });
  if (!before.environments.some(({ environment, tests }) => tests > 0 && tested.includes(environment))) return null;
  return plainText(`What changed since ${baseline.version}: groundcrew build compare ${project}@${build.version}`);
}
