import { install } from './install.mjs';
import { whyInstall } from './installed.mjs';
import { lockName, withLock } from './lock.mjs';
import { ROOT } from './paths.mjs';
import { withProgress } from './progress.mjs';
import { readTargets } from './targets.mjs';

/**
 * Installs and builds what is missing or stale, and says so on the stream; says nothing when there is nothing to do.
 * Returns the entries that do not exist, and were left out.
 */
export async function prepare(stream, { build = true } = {}) {
  const nothingToDo = () => whyInstall(ROOT) === null && (!build || staleTargets().length === 0);
  if (!nothingToDo()) {
    const onWait = () => stream.write('  · waiting for another process that installs or builds here\n');
    await withLock(lockName(ROOT), () => installAndBuild(stream, build), { onWait });
  }
  return readTargets(ROOT).missing;
}

async function installAndBuild(stream, build) {
  if (whyInstall(ROOT) !== null) {
    await withProgress(stream, 'installing packages', 'packages installed', () => install(ROOT));
  }
  const stale = build ? staleTargets() : [];
  if (stale.length === 0) return;
  await withProgress(stream, 'building', 'built', async () => {
    for (const target of stale) await target.build();
  });
}

function staleTargets() {
  return readTargets(ROOT).targets.filter((target) => !target.isFresh());
}
