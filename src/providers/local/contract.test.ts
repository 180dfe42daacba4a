import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { newNodeId } from '../testing/contract-calls.ts';
import { providerContract } from '../testing/contract-suite.ts';
import { createLocalProvider } from './driver.ts';
import { ISOLATIONS, makePlace, NEEDS_OF_ISOLATION, remainsOf } from './testing/place.ts';

/** The local driver as a subject of the contract suite, with nodes of one kind of isolation. */
async function subject(isolation: string) {
  const place = await makePlace();
  const { environment } = place;
  const provider = (changes: Partial<typeof environment> = {}) =>
    createLocalProvider('local', { isolation }, { ...environment, ...changes });
  return {
    provider,
    options: { cores: 0.5, memory: '512MiB', pids: 200 },
    async addStranger() {
      const stranger = { node_id: newNodeId(), deployment_id: 'somebody-else' };
      const root = join(environment.data_directory, 'nodes', stranger.node_id);
      mkdirSync(root, { recursive: true });
      const record = { ...stranger, provider: 'local', isolation: { kind: 'none', users: 'same' }, cgroups: [] };
      writeFileSync(join(root, 'node.json'), JSON.stringify(record));
      return { ...stranger, external_id: stranger.node_id };
    },
    remains: async (node_id: ReturnType<typeof newNodeId>) => remainsOf(place, node_id),
    close: () => place.close(),
    faults: [
      {
        title: 'the agent is not built',
        fault: 'config' as const,
        provider: () => provider({ agent_bundle: join(environment.data_directory, 'no-agent.js') }),
      },
      {
        title: 'there is no such Node',
        fault: 'config' as const,
        provider: () => provider({ node_executable: join(environment.data_directory, 'no-node') }),
      },
    ],
  };
}

for (const isolation of ISOLATIONS) {
  describe(`isolation ${isolation}`, needs(...NEEDS_OF_ISOLATION[isolation]), () => {
    providerContract(`local, ${isolation}`, () => subject(isolation));
  });
}
