import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSettings } from '../settings.ts';
import { newState } from './kept.ts';
import { parseKept, readState } from './kept-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'kept-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = join(directory, 'state.json');
const settings = { server_url: 'unix:/socket', token: 't', workspace: '/workspace', state_file: file };
const RUN = {
  ...{ marker: 'm', phase: 'steps', directory: '/workspace/run', steps: [], outcome: null },
  groups: [{ pid: 7, start_ticks: null }],
  assignment: { run_id: 977, fence: 2, spec: { job: 'unit' } },
};
/** As the agent wrote it before its state had a version. */
const VERSION_1 = {
  ...{ settings, node_id: 'n-1', session_secret: 's', preflight: null, tasks: [], env: { CI: 'true' } },
  ...{ run: RUN, baseline: ['1@2'] },
};
const VERSION_2 = { ...parseKept(VERSION_1, file), version: 2 };

describe('the state file', () => {
  it('comes back as it was written, with its version', () => {
    newState(parseSettings(settings, file), ['1@2']).write();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 2, runs: [] });
    expect(readState(file).value).toEqual(newState(parseSettings(settings, file), ['1@2']).value);
    expect(parseKept(VERSION_2, file)).toEqual(parseKept(VERSION_1, file));
  });

  it('of an agent of before is read: its one run is in slot 0', () => {
    const { runs } = parseKept(VERSION_1, file);
    expect(runs).toMatchObject([{ phase: 'steps', log_file: 'run.log', assignment: { run_id: 977, slot: 0 } }]);
    expect(parseKept({ ...VERSION_1, run: null }, file).runs).toEqual([]);
  });

  it('of a newer agent is refused', () => {
    expect(() => parseKept({ ...VERSION_2, version: 3 }, file)).toThrow('a newer agent wrote it (version 3');
  });

  it.each([
    ['node_id', 7],
    ['session_secret', {}],
    ['preflight', 'done'],
    ['tasks', null],
    ['env', { CI: 1 }],
    ['baseline', [1]],
    ['runs', [{ ...VERSION_2.runs[0], phase: 'somewhere' }]],
    ['runs', [{ ...VERSION_2.runs[0], groups: [{ pid: '7' }] }]],
    ['runs', [{ ...VERSION_2.runs[0], assignment: { run_id: 977 } }]],
    ['runs', undefined],
  ])('is refused by the name of what does not fit: %s is %j', (name, value) => {
    expect(() => parseKept({ ...VERSION_2, [name]: value }, file)).toThrow(`"${name}" is not what an agent writes`);
  });

  it('that is no JSON at all is refused with its name', () => {
    writeFileSync(file, '{"settings":');
    expect(() => readState(file)).toThrow(file);
  });
});
