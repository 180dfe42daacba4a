import { describe, expect, it } from 'vitest';
import { floors } from './rules/floors.ts';
import { findings } from './testing/texts.ts';
import { whyForbidden, zoneOf } from './zones.ts';

describe('zones', () => {
  it('sorts files into the house', () => {
    const zone = (file: string): string | undefined => zoneOf(file)?.name;
    expect(zone('src/nodes/state.ts')).toBe('states');
    expect(zone('src/nodes/plan/warm.ts')).toBe('nodes');
    expect(zone('src/providers/contract.ts')).toBe('contract');
    expect(zone('src/providers/local/driver.ts')).toBe('driver');
    expect(zone('src/main.ts')).toBe('main');
    expect(zone('agent/main.ts')).toBe('agent');
    expect(zone('src/nodes/plan.test.ts')).toBe('test');
    expect(zone('vitest.config.ts')).toBeUndefined();
  });

  it.each([
    ['src/flow/allocate/allocate.ts', 'src/nodes/plan.ts'],
    ['src/nodes/plan.ts', 'src/runs/state.ts'],
    ['src/nodes/effects.ts', 'src/providers/contract.ts'],
    ['src/results/ingest.ts', 'src/formats/junit/parse.ts'],
    ['src/queue/worker.ts', 'src/store/connect.ts'],
    ['src/server/server.ts', 'src/api/app/app.ts'],
    ['src/server/providers.ts', 'src/providers/local/driver.ts'],
    ['src/cli/job.ts', 'src/runs/jobfile/parse.ts'],
    ['web/src/app.tsx', 'src/nodes/state.ts'],
    ['agent/main.ts', 'src/protocol/agent.ts'],
    ['bench/queue.ts', 'src/queue/worker.ts'],
    ['src/flow/allocate/allocate.test.ts', 'src/store/testing/database.ts'],
  ])('%s may import %s', (from, to) => {
    expect(whyForbidden(from, to)).toBeNull();
  });

  it.each([
    ['src/nodes/plan.ts', 'src/runs/plan.ts'],
    ['src/nodes/plan.ts', 'src/flow/allocate/allocate.ts'],
    ['src/nodes/effects.ts', 'src/providers/local/driver.ts'],
    ['src/providers/local/driver.ts', 'src/store/connect.ts'],
    ['src/providers/local/driver.ts', 'src/providers/docker/driver.ts'],
    ['src/formats/junit/parse.ts', 'src/blobs/contract.ts'],
    ['src/store/connect.ts', 'src/queue/worker.ts'],
    ['src/base/clock.ts', 'src/protocol/agent.ts'],
    ['src/cli/node.ts', 'src/store/connect.ts'],
    ['src/cli/node.ts', 'src/runs/plan.ts'],
    ['src/flow/allocate/allocate.ts', 'src/providers/local/driver.ts'],
    ['src/flow/allocate/allocate.ts', 'src/api/app/app.ts'],
    ['agent/main.ts', 'src/config/load.ts'],
    ['web/src/app.tsx', 'src/api/app/app.ts'],
    ['bench/flow.ts', 'sim/clouds.ts'],
    ['src/flow/allocate/allocate.ts', 'src/store/testing/database.ts'],
  ])('%s may not import %s', (from, to) => {
    expect(whyForbidden(from, to)).not.toBeNull();
  });
});

describe('floors', () => {
  it('keeps the database from those who never see the store', () => {
    const texts = { 'src/providers/local/a.ts': "import pg from 'pg';", 'src/store/a.ts': "import pg from 'pg';" };
    expect(findings(floors, texts)).toEqual(['src/providers/local/a.ts:1 imports pg: driver never sees the database']);
  });

  it('keeps Node from the browser, also through other files', () => {
    const texts = {
      'web/src/a.ts': "import { b } from '../../src/base/b.ts';\nimport type { c } from '../../src/base/c.ts';",
      'src/base/b.ts': "import { c } from './c.ts';",
      'src/base/c.ts': "import { readFileSync } from 'node:fs';",
    };
    expect(findings(floors, texts)).toEqual([
      'web/src/a.ts:1 imports ../../src/base/b.ts: src/base/c.ts (node:fs) needs Node, and the browser has none',
      'web/src/a.ts:2 imports ../../src/base/c.ts: src/base/c.ts (node:fs) needs Node, and the browser has none',
    ]);
  });
});
