import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSettings } from '../settings.ts';
import { assignment } from '../testing/harness.ts';
import { readState } from './kept-file.ts';

test('an agent that takes over from one of before slots goes on with its run and its log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kept-'));
  const file = join(directory, 'state.json');
  const settings = parseSettings(
    { server_url: 'unix:/nowhere', token: 'x', workspace: directory, state_file: file },
    'test',
  );
  const { run_id, fence, spec } = assignment();
  const run = {
    ...{ assignment: { run_id, fence, spec }, marker: 'of-it', phase: 'upload', directory: join(directory, 'widget') },
    ...{ steps: [], groups: [], outcome: null },
  };
  const node = { node_id: 'n-00000001', session_secret: 's', preflight: [], tasks: [], env: {}, baseline: [] };
  const read = (kept: object) => {
    writeFileSync(file, JSON.stringify({ settings, ...node, ...kept }));
    return readState(file).value.runs;
  };
  try {
    expect(read({ run })).toMatchObject([
      { marker: 'of-it', phase: 'upload', log_file: 'run.log', assignment: { run_id, fence, slot: 0 } },
    ]);
    expect(read({ run: null })).toEqual([]);
    const now = { ...run, log_file: 'run-977-1.log', assignment: { run_id, fence, spec, slot: 0 } };
    expect(read({ version: 2, runs: [now] })).toEqual([now]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
