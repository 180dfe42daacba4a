import { describe, expect, it } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { until } from '../../base/testing/until.ts';
import { destroyWhole, launchWhole, listAll, newNodeId, testContext, testSpec } from '../testing/contract-calls.ts';
import { createLocalProvider } from './driver.ts';
import type { LaunchLine } from './launch.ts';
import { ISOLATIONS, makePlace, NEEDS_OF_ISOLATION, type Place, remainsOf, tryDriver } from './testing/place.ts';

const LINES: LaunchLine[] = ['directory', 'record', 'files', 'cgroups', 'started', 'written', 'let_go', 'marked'];
const LIMITS = { cores: 1, memory: '512MiB', pids: 200 };

async function crashAt(line: LaunchLine, isolation: string, place: Place, node_id: ReturnType<typeof newNodeId>) {
  const { signal } = await tryDriver('root', {
    action: 'launch',
    node_id,
    options: { isolation },
    node_options: LIMITS,
    environment: place.environment,
    crash_at: line,
  });
  expect(signal).toBe('SIGKILL');
}

async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const place = await makePlace();
  try {
    await work(place);
  } finally {
    await place.close();
  }
}

for (const isolation of ISOLATIONS) {
  describe(`a server killed in the middle of a launch, ${isolation}`, needs(...NEEDS_OF_ISOLATION[isolation]), () => {
    for (const line of LINES) {
      it(`is listed and leaves nothing after destroy: after "${line}"`, async () => {
        await withPlace(async (place) => {
          const node_id = newNodeId();
          await crashAt(line, isolation, place, node_id);
          const provider = createLocalProvider('local', { isolation }, place.environment);
          const listed = await listAll(provider);
          expect(listed).toMatchObject([{ node_id, deployment_id: place.environment.deployment_id }]);
          await destroyWhole(provider, {
            kind: 'machine',
            node_id,
            deployment_id: 'deployment-contract',
            external_id: null,
          });
          expect(remainsOf(place, node_id)).toEqual([]);
          expect(await listAll(provider)).toEqual([]);
        });
      });

      it(`ends in one running node when it is launched again: after "${line}"`, async () => {
        await withPlace(async (place) => {
          const node_id = newNodeId();
          await crashAt(line, isolation, place, node_id);
          const provider = createLocalProvider('local', { isolation }, place.environment);
          await launchWhole(provider, testSpec(LIMITS, node_id));
          expect(await listAll(provider)).toMatchObject([{ node_id, state: 'running' }]);
          const agents = async () => {
            const text = await provider.consoleLog?.(
              { kind: 'machine', node_id, deployment_id: 'deployment-contract', external_id: null },
              testContext(),
            );
            return text?.match(/^AGENT /gm)?.length ?? 0;
          };
          await until(agents, 'an agent');
          expect(await agents()).toBe(1);
          await destroyWhole(provider, {
            kind: 'machine',
            node_id,
            deployment_id: 'deployment-contract',
            external_id: null,
          });
          expect(remainsOf(place, node_id)).toEqual([]);
        });
      });
    }
  });
}
