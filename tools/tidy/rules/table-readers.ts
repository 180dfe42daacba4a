import { TABLE_OWNERS, VIEW_OWNERS } from '../../../src/store/owners.ts';
import type { Finding, Rule } from '../finding.ts';
import { isCode, isTest } from '../project.ts';
import type { Call, Source } from '../source.ts';
import { type Read, readsOf } from '../sql-reads.ts';
import { zoneOf } from '../zones.ts';

/** Of the ground floor: what time it is, who this deployment is and who owns a lease is asked by everybody. */
const OPEN_TABLES: ReadonlySet<string> = new Set(['deployment', 'alive_clock', 'leases']);
const BUILDER_READ = /\.(?:selectFrom|from|using|table|(?:inner|left|right|full|cross)Join(?:Lateral)?)$/;
const BUILDER_START = /\.selectFrom$/;
const BUILDER_LOCK = /\.for(?:Update|NoKeyUpdate|Share|KeyShare)$/;
/** The highest floor that has statements of its own. */
const HIGHEST_WITH_SQL = 3;

export interface Owners {
  tables: Readonly<Record<string, string>>;
  views: Readonly<Record<string, string>>;
}

/** Neighbours meet in views: who else reads a table is known, so that its owner can change it. */
export const tableReaders: Rule = {
  name: 'table-readers',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      const folder = /^src\/([^/]+)\//.exec(file)?.[1];
      if (folder === undefined || folder === 'store' || !isCode(file) || isTest(file)) continue;
      const may_read_views = (zoneOf(file)?.floor ?? 0) <= HIGHEST_WITH_SQL;
      const owners = { tables: TABLE_OWNERS, views: VIEW_OWNERS };
      yield* checkReads(file, { folder, may_read_views }, project.source(file), owners);
    }
  },
};

/** What is read in one file, against the owners of tables and views. Nobody locks rows of another folder, by views neither. */
export function* checkReads(
  file: string,
  reader: { folder: string; may_read_views: boolean },
  source: Source,
  owners: Owners,
): Generator<Finding> {
  for (const { table, locked, line } of readTables(source)) {
    const owner = owners.tables[table] ?? owners.views[table];
    if (table === '') yield { file, line, what: 'a read that names no table', instead: 'name the table in the call' };
    if (owner === undefined || owner === reader.folder) continue;
    const instead = `a function of src/${owner}, called by src/flow`;
    if (locked) yield { file, line, what: `locks rows of ${table}`, instead };
    else if (OPEN_TABLES.has(table)) continue;
    else if (!reader.may_read_views)
      yield { file, line, what: `reads ${table}`, instead: `a function of src/${owner}` };
    else if (owners.views[table] === undefined) {
      yield { file, line, what: `reads ${table}`, instead: `a view that src/${owner} offers, or ${instead}` };
    }
  }
}

function* readTables(source: Source): Generator<Read & { line: number }> {
  for (const { text, line } of source.literals) for (const read of readsOf(text)) yield { ...read, line };
  for (const [at, call] of source.calls.entries()) {
    if (BUILDER_READ.test(call.name)) {
      const table = tableOf(call);
      // `Array.from(list)` and a subquery are no tables; where a statement starts from, it says.
      if (table !== '' || BUILDER_START.test(call.name)) yield { table, locked: false, line: call.line };
    } else if (BUILDER_LOCK.test(call.name)) {
      for (const table of tablesBefore(source.calls, at)) yield { table, locked: true, line: call.line };
    }
  }
}

function tableOf({ first }: Call): string {
  return first === null ? '' : (first.text.split(/\s+as\s+/i)[0] as string).trim();
}

/** The tables of the chain that this call ends: a chain's calls stand from its last one to its first. */
function tablesBefore(calls: readonly Call[], at: number): string[] {
  const rest = calls.slice(at + 1);
  const chain = rest.slice(0, rest.findIndex((call) => BUILDER_START.test(call.name)) + 1);
  return chain.filter((call) => BUILDER_READ.test(call.name)).map(tableOf);
}
