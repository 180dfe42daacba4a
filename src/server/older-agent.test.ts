import { afterAll, beforeAll, expect, it } from 'vitest';
import { SPOKE_VERSION_1 } from '../../tools/needs/circumstances.ts';
import { needs } from '../../tools/needs/needs.ts';
import { insertNode, nodeState } from '../flow/testing/runs.ts';
import type { RunDetail } from '../protocol/api/runs.ts';
import { submitRun } from './testing/filled.ts';
import { buildOlderAgent, startAgent } from './testing/older-agent.ts';
import { type ScratchServer, startScratch, until } from './testing/scratch-server.ts';

const JOB = `project: acme/widget
build: older
nodes: jammy
environment: jammy
steps: [{run: echo from an older agent}]
`;

let server: ScratchServer;
beforeAll(async () => {
  server = await startScratch();
});
afterAll(() => server.close());

it(
  'an agent of an earlier version stays connected: it is checked, does a run and brings its log home',
  needs('history'),
  async () => {
    const older = await buildOlderAgent(SPOKE_VERSION_1);
    const { node_id, token } = await insertNode(server.running.services);
    const agent = startAgent(server, older.program, token);
    try {
      await until('the node of the older agent is ready', async () => {
        return (await nodeState(server.running.services, node_id)) === 'ready';
      });
      const { run_id } = await submitRun(server, JOB);
      const run = await until('its run has a verdict', async () => {
        const detail = (await (await server.call('GET', `/api/v1/runs/${run_id}`)).json()) as RunDetail;
        return detail.run.verdict === null ? null : detail.run;
      });
      expect(run.verdict).toBe('passed');
      expect(run.node_id).toBe(node_id);
      const log = await (await server.call('GET', `/api/v1/runs/${run_id}/log`)).text();
      expect(log).toContain('from an older agent');
      expect(agent.said()).not.toContain('"level":"error"');
    } finally {
      agent.child.kill('SIGTERM');
      older.remove();
    }
  },
);
