import { TABLE_OWNERS, VIEW_OWNERS } from '../../../src/store/owners.ts';
import type { Finding, Rule } from '../finding.ts';
import { isCode, isTest } from '../project.ts';
import type { Source } from '../source.ts';

const NAME = '(?:only\\s+)?"?([a-z_]+)"?';
/** Statements that write, as SQL text. */
const SQL_WRITES = [
  new RegExp(`\\binsert\\s+into\\s+${NAME}`, 'gi'),
  new RegExp(`\\bdelete\\s+from\\s+${NAME}`, 'gi'),
  new RegExp(`\\bmerge\\s+into\\s+${NAME}`, 'gi'),
  new RegExp(`\\btruncate\\s+(?:table\\s+)?${NAME}`, 'gi'),
  new RegExp(`\\bupdate\\s+${NAME}(?:\\s+(?:as\\s+)?[a-z_]+)?\\s+set\\b`, 'gi'),
  new RegExp(`\\bcopy\\s+${NAME}\\s*(?:\\([^)]*\\)\\s*)?from\\b`, 'gi'),
];
/** The same through the query builder. */
const BUILDER_WRITE = /\.(?:insertInto|updateTable|deleteFrom|mergeInto|replaceInto)$/;

// PostgreSQL writes through a plain view as well.
const OWNERS = { ...TABLE_OWNERS, ...VIEW_OWNERS };

/** One folder writes a table; everybody else asks its functions, so that "who changed this row" has one answer. */
export const tableWriters: Rule = {
  name: 'table-writers',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      const folder = /^src\/([^/]+)\//.exec(file)?.[1];
      if (folder === undefined || !isCode(file) || isTest(file) || file.startsWith('src/store/migrations/')) continue;
      yield* checkWrites(file, folder, project.source(file), OWNERS);
    }
  },
};

/** What is written in one file, against the table of owners. */
export function* checkWrites(
  file: string,
  folder: string,
  source: Source,
  owners: Readonly<Record<string, string>>,
): Generator<Finding> {
  for (const { table, line } of writtenTables(source)) {
    const owner = owners[table];
    if (table === '' && folder !== 'store') {
      yield { file, line, what: 'a write to a table that is not named here', instead: 'name the table in the call' };
    }
    if (owner === undefined || owner === folder) continue;
    yield { file, line, what: `writes ${table}`, instead: `a function of src/${owner}, which owns that table` };
  }
}

function* writtenTables(source: Source): Generator<{ table: string; line: number }> {
  for (const literal of source.literals) {
    for (const pattern of SQL_WRITES) {
      for (const match of literal.text.matchAll(pattern)) yield { table: match[1] as string, line: literal.line };
    }
  }
  for (const { name, first, line } of source.calls) {
    if (!BUILDER_WRITE.test(name)) continue;
    const table = first === null ? '' : (first.text.split(/\s+as\s+/i)[0] as string).trim();
    yield { table, line };
  }
}
