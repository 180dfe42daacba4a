import { describe, expect, it } from 'vitest';
import { parseSource } from '../source.ts';
import { findings, projectOf } from '../testing/texts.ts';
import { abbreviations } from './abbreviations.ts';
import { BANNED, bannedCalls } from './banned-calls.ts';
import { barrels } from './barrels.ts';
import { deadFiles } from './dead-files.ts';
import { leftOut } from './left-out.ts';
import { readmes } from './readmes.ts';
import { checkFile, checkSpread, sizes } from './sizes.ts';
import { checkWrites, tableWriters } from './table-writers.ts';
import { traces } from './traces.ts';

describe('banned-calls', () => {
  it('finds calls, not words in comments and texts, and names the replacement', () => {
    const text =
      "// Date.now\nconst a = Date.now();\nconst b = 'Math.random()';\nsetTimeout(() => {}, 1);\nclock.setTimeout;\n";
    expect(findings(bannedCalls, { 'src/nodes/plan.ts': text })).toEqual([
      'src/nodes/plan.ts:2 Date.now',
      'src/nodes/plan.ts:4 setTimeout',
    ]);
    expect([...bannedCalls.check(projectOf({ 'agent/x.ts': 'new Date(1)' }))][0]?.instead).toContain('dateFrom(ms)');
  });

  it('lets the clock, the random source and the plain JavaScript of the bootstrap be', () => {
    const text = 'Date.now(); Math.random(); setInterval(f, 1);';
    const allowed = ['src/base/clock.ts', 'web/src/clock.ts', 'tools/bootstrap/lock.mjs', 'bin/groundcrew.mjs'];
    expect(findings(bannedCalls, Object.fromEntries(allowed.map((file) => [file, text])))).toEqual([]);
    expect(findings(bannedCalls, { 'web/src/app.tsx': text })).toHaveLength(3);
    expect(findings(bannedCalls, { 'bench/queue.ts': text })).toHaveLength(3);
  });

  it('knows the modules of timers and sources of chance by import too', () => {
    const text =
      "import { setTimeout as wait } from 'node:timers/promises';\nimport { randomBytes } from 'node:crypto';\n";
    expect(findings(bannedCalls, { 'agent/a.ts': text })).toEqual(
      expect.arrayContaining(['agent/a.ts:1 import of node:timers/promises', 'agent/a.ts:2 a random source']),
    );
    expect(BANNED.every((ban) => ban.instead !== '')).toBe(true);
  });
});

describe('barrels', () => {
  it('finds files named index, and what passes on', () => {
    const texts = { 'src/nodes/index.ts': 'const a = 1;', 'src/nodes/all.ts': "export * from './a.ts';" };
    expect(findings(barrels, texts)).toEqual([
      'src/nodes/all.ts:1 re-export of ./a.ts',
      'src/nodes/index.ts:1 a file named index',
    ]);
  });
});

describe('dead-files', () => {
  it('follows imports, workers and paths in scripts from what starts by itself', () => {
    const texts = {
      'package.json': '{"scripts": {"x": "node tools/x.ts"}}',
      'src/main.ts': "import './a.ts';",
      'src/a.ts': "new Worker(new URL('./worker.ts', import.meta.url));",
      'src/worker.ts': '',
      'src/dead.ts': "import './deader.ts';",
      'src/deader.ts': '',
      'src/b.ts': '',
      'src/b.test.ts': "import './b.ts';",
      'tools/x.ts': '',
      'bench/run.ts': "import './areas.ts';",
      'bench/areas.ts': "export const AREAS = ['queue.ts'];",
      'bench/queue.ts': '',
    };
    expect(findings(deadFiles, texts).map((line) => line.split(':')[0])).toEqual(['src/dead.ts', 'src/deader.ts']);
  });
});

describe('left-out', () => {
  it('finds tests that are left out in a way of their own', () => {
    const text = [
      "it.skip('a', () => {});",
      "describe.skipIf(!isRoot)('b', () => {});",
      "test('c', async ({ skip }) => skip(!isRoot));",
      "it('d', (context) => context.skip('no'));",
      "test.concurrent.runIf(isRoot)('e', () => {});",
      "it('f', needs('root'), () => expect('it.skip(').toBe(found.skip(1)));",
    ].join('\n');
    expect(findings(leftOut, { 'src/a.test.ts': text, 'src/a.ts': text })).toEqual([
      'src/a.test.ts:1 it.skip',
      'src/a.test.ts:2 describe.skipIf',
      'src/a.test.ts:3 skip(',
      'src/a.test.ts:4 context.skip',
      'src/a.test.ts:5 test.concurrent.runIf',
    ]);
  });
});

describe('abbreviations', () => {
  it('finds them in declarations and parameters, also as a part of a name', () => {
    const text = [
      'const tmpDirectory = 1;',
      'function send(msg: string, count: number): void {}',
      'const { res: response, err } = f();',
      'list.map((btn) => btn.x);',
      'reply.res.msg(request.err);',
      'const message = { msg: 1, tmp };',
    ].join('\n');
    expect(findings(abbreviations, { 'src/a.ts': text })).toEqual([
      'src/a.ts:1 the name tmpDirectory',
      'src/a.ts:2 the name msg',
      'src/a.ts:3 the name err',
      'src/a.ts:4 the name btn',
    ]);
  });
});

describe('readmes', () => {
  it('wants one in every folder', () => {
    const files = ['src/nodes/plan.ts', 'src/runs/plan.ts', 'src/runs/README.md', 'src/main.ts', 'test/e2e/a.test.ts'];
    expect(findings(readmes, Object.fromEntries(files.map((file) => [file, ''])))).toEqual([
      'src/nodes/README.md:1 no README.md in this folder',
      'test/README.md:1 no README.md in this folder',
    ]);
  });

  it('finds named files that are not there: neither by their path from the text, nor below it', () => {
    const good = '`plan.ts` `store/*.ts` `../runs/NOUN.ts` `store.md` `life.ts` `NOUN.ts`';
    const texts = {
      'src/nodes/README.md': `${good}\n\`lives.ts\` \`plan/life.ts\`\n\`runs/plan.ts\``,
      'src/nodes/plan.ts': '',
      'src/nodes/store/life.ts': '',
      'src/runs/README.md': '',
      'src/runs/plan.ts': '',
      'docs/notes.md': '`none.ts`',
    };
    expect(findings(readmes, texts)).toEqual([
      'src/nodes/README.md:2 no file lives.ts',
      'src/nodes/README.md:2 no file plan/life.ts',
      'src/nodes/README.md:3 no file runs/plan.ts',
    ]);
  });
});

describe('sizes', () => {
  it('refuses a long file, and an exception that is no longer exact', () => {
    const check = (lines: number, exception?: number): string[] =>
      [...checkFile('a.ts', lines, exception)].map((finding) => finding.what);
    expect(check(500)).toEqual([]);
    expect(check(501)).toEqual(['501 lines, at most 500']);
    expect(check(600, 600)).toEqual([]);
    expect(check(601, 600)).toEqual(['601 lines, at most 600']);
    expect(check(590, 600)).toEqual(['a.ts has 590 lines, not 600']);
  });

  it('looks at style sheets as well', () => {
    const found = findings(sizes, { 'web/src/style/base.css': 'a {}\n'.repeat(501), 'docs/a.md': 'a\n'.repeat(501) });
    expect(found[0]).toBe('web/src/style/base.css:1 501 lines, at most 500');
    expect(found.some((line) => line.includes('a.md'))).toBe(false);
  });

  it('looks at the median and the ninetieth percentile', () => {
    expect([...checkSpread([100, 110, 130])]).toEqual([]);
    expect([...checkSpread([100, 130, 140])].map((finding) => finding.what)).toEqual([
      'median of 130 lines a file, at most 120',
    ]);
    expect([...checkSpread([1, 1, 1, 1, 1, 1, 1, 1, 1, 400])]).toHaveLength(1);
  });
});

describe('table-writers', () => {
  const owners = { runs: 'runs', nodes: 'nodes' };
  const check = (text: string, folder = 'flow'): string[] =>
    [...checkWrites('src/flow/a.ts', folder, parseSource(text), owners)].map((finding) => finding.what);

  it('reads statements in texts and calls of the builder', () => {
    expect(check('sql`insert into runs (id) values (${id})`')).toEqual(['writes runs']);
    expect(check('sql`update nodes as n set state = ${state}`')).toEqual(['writes nodes']);
    expect(check("client.query('copy runs (id) from stdin')")).toEqual(['writes runs']);
    expect(check("db\n  .deleteFrom('runs as r')\n  .execute()")).toEqual(['writes runs']);
  });

  it('lets the owner write, reads and locks be another rule, and words be words', () => {
    expect(check("db.insertInto('runs')", 'runs')).toEqual([]);
    expect(check("db.selectFrom('runs'); sql`select * from runs for update of runs`; 'update nodes by hand'")).toEqual(
      [],
    );
    expect(check("db.insertInto('others')")).toEqual([]);
  });

  it('refuses writes through a view', () => {
    const files = { 'src/flow/a.ts': "db.updateTable('node_states')", 'src/runs/a.ts': 'sql`delete from job_runs`' };
    expect(findings(tableWriters, files)).toEqual(['src/flow/a.ts:1 writes node_states']);
  });

  it('wants the table named where it is written', () => {
    expect(check('db.insertInto(table)')).toEqual(['a write to a table that is not named here']);
    expect(check('db.insertInto(table)', 'store')).toEqual([]);
  });
});

describe('traces', () => {
  it('finds paths of a machine and hosts of a registry', () => {
    const home = ['', 'home', 'maria', 'x'].join('/');
    const texts = {
      'src/a.ts': `const a = '${home}';\nconst b = 'https://example.org${home}';`,
      'package-lock.json': '{"resolved": "https://registry.example/x.tgz"}',
      'tools/package-lock.json': '{"resolved": "git+ssh://git@registry.example/x.git"}',
      'web/package-lock.json': '{"resolved": "tools/generate"}',
    };
    const found = findings(traces, texts);
    expect(found).toEqual([
      'package-lock.json:1 a registry host',
      `src/a.ts:1 a path of one machine, ${home.slice(0, -2)}`,
      'tools/package-lock.json:1 a registry host',
    ]);
  });
});
