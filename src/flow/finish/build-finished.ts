import type { BuildId } from '../../base/ids.ts';
import { finishBuild } from '../../builds/store/life.ts';
import { notify } from '../../store/notify.ts';
import type { Tx } from '../../store/schema/database.ts';

/**
 * Finishes the build when every run of it has its verdict and the results of each are read; exact, since every end of
 * one of its runs holds the build's lock. People are told either way, because something of it has changed.
 */
export async function finishBuildWhenDone(tx: Tx, build_id: BuildId): Promise<boolean> {
  const finished = await finishBuild(tx, build_id);
  await notify(tx, 'build', String(build_id));
  return finished;
}
