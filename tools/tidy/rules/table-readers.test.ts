import { describe, expect, it } from 'vitest';
import { parseSource } from '../source.ts';
import { findings } from '../testing/texts.ts';
import { checkReads, tableReaders } from './table-readers.ts';

const owners = {
  tables: { builds: 'builds', runs: 'runs', jobs: 'runs', nodes: 'nodes', alive_clock: 'store', tokens: 'store' },
  views: { build_names: 'builds', job_runs: 'runs', node_states: 'nodes' },
};

function check(text: string, folder = 'analysis', may_read_views = true): string[] {
  const reader = { folder, may_read_views };
  return [...checkReads('src/analysis/a.ts', reader, parseSource(text), owners)].map((finding) => finding.what);
}

describe('table-readers', () => {
  it('reads statements, and parts of statements', () => {
    expect(check('sql`select * from runs where id = ${id}`')).toEqual(['reads runs']);
    expect(check('sql`select from public."runs" r left join lateral (select 1 from nodes) n on true`')).toEqual([
      'reads runs',
      'reads nodes',
    ]);
    expect(check('sql`update x set a = 1 from given, unnest(${a}, ${b}) as b (c, d), runs as r where true`')).toEqual([
      'reads runs',
    ]);
    expect(check('sql`select (select max(id) from only runs), ${sql`left join nodes on true`}`')).toEqual([
      'reads runs',
      'reads nodes',
    ]);
    expect(check('sql`delete from x using runs where runs.id = x.id`')).toEqual(['reads runs']);
    expect(check('sql`from runs join ( nodes join builds on true ) on true`')).toEqual([
      'reads runs',
      'reads nodes',
      'reads builds',
    ]);
    expect(check('sql`select from ${part}, runs`')).toEqual(['reads runs']);
  });

  it('reads calls of the builder', () => {
    expect(check("db\n  .selectFrom('runs as r')\n  .leftJoin('nodes', 'nodes.id', 'r.node_id')").sort()).toEqual([
      'reads nodes',
      'reads runs',
    ]);
    expect(check("db.updateTable('x').from('runs'); sql`select from ${sql.table('nodes')}`")).toEqual([
      'reads runs',
      'reads nodes',
    ]);
    expect(check("db.selectFrom(table); db.selectFrom('x').innerJoin((of) => of, (on) => on)")).toEqual([
      'a read that names no table',
    ]);
  });

  it('lets columns, functions, comments and sentences be', () => {
    const texts = [
      'sql`select extract(epoch from runs.created_at), a is distinct from runs from job_runs -- from runs`',
      "sql`select 'from runs' from runs(1), unnest(a) /* join runs */`",
      'sql`select from job_runs join build_names using (id) order by a, runs`',
      "log('the results come from runs'); throw new Error(`it is taken from nodes`);",
    ];
    for (const text of texts) expect(check(text)).toEqual([]);
  });

  it('lets the owner read, and others its views and the clock of the ground floor', () => {
    expect(check("db.selectFrom('runs'); sql`select from jobs for update`", 'runs')).toEqual([]);
    expect(check("db.selectFrom('job_runs as run'); sql`select from alive_clock, node_states`")).toEqual([]);
    expect(check('sql`select from tokens`')).toEqual(['reads tokens']);
  });

  it('lets nobody above the nouns read a view', () => {
    expect(check("db.selectFrom('job_runs')", 'flow', false)).toEqual(['reads job_runs']);
    const read = "db.selectFrom('job_runs');";
    const files = {
      'src/flow/a.ts': read,
      'src/api/a.ts': read,
      'src/analysis/store/a.ts': read,
      'src/store/a.ts': read,
    };
    expect(findings(tableReaders, { ...files, 'src/flow/testing/a.ts': read, 'bench/a.ts': read })).toEqual([
      'src/api/a.ts:1 reads job_runs',
      'src/flow/a.ts:1 reads job_runs',
    ]);
  });

  it('refuses locks of what another folder owns, through its views as well', () => {
    expect(check('sql`select from job_runs for no key update`')).toEqual(['locks rows of job_runs']);
    expect(check('sql`select from runs join build_names b on true where a for update of runs`', 'runs')).toEqual([]);
    expect(check('sql`select from runs join build_names b on true where a for share of runs, b`', 'runs')).toEqual([
      'locks rows of build_names',
    ]);
    expect(check('sql`with a as (select from job_runs) select from builds for update`', 'builds')).toEqual([]);
    expect(check('sql`lock table alive_clock in share mode`')).toEqual(['locks rows of alive_clock']);
    expect(check("db.selectFrom('job_runs').select('id').where('id', 'in', f('a')).forUpdate()")).toEqual([
      'locks rows of job_runs',
    ]);
    expect(check("db.selectFrom('runs').where((w) => w.selectFrom('build_names')).forUpdate()", 'runs')).toEqual([]);
  });
});
