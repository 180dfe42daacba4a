import type { Finding, Rule } from '../finding.ts';
import { isCode } from '../project.ts';

/** What answers the time inside of SQL. A method (`Date.now()`) is none of them. */
const ASKS_TIME = [
  /\b(?:clock|statement|transaction)_timestamp\s*\(\s*\)/gi,
  /(?<![\w.])now\(\)/gi,
  /\b(?:current_timestamp|current_date|localtimestamp)\b/gi,
];

/** The last migration that may name the database's own clock: it lets every column ask the function. */
const LAST_BEFORE = '0015';
/** Where the function is made, and where tests move it and compare it with the clock. */
const ALLOWED = new Set([
  'src/store/first-things.ts',
  'src/store/testing/driven-time.ts',
  'src/store/testing/driven-time.test.ts',
]);

function isAllowed(file: string): boolean {
  const migration = /^src\/store\/migrations\/(\d{4})-/.exec(file)?.[1];
  return ALLOWED.has(file) || (migration !== undefined && migration <= LAST_BEFORE);
}

/** Statements ask one function for the time, so that a test can drive what the database's clock decides. */
export const databaseTime: Rule = {
  name: 'database-time',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!/^(?:src|test|sim)\//.test(file) || !isCode(file) || isAllowed(file)) continue;
      const source = project.source(file);
      for (const literal of source.literals) {
        for (const match of ASKS_TIME.flatMap((pattern) => [...literal.text.matchAll(pattern)])) {
          const line = literal.line + literal.text.slice(0, match.index).split('\n').length - 1;
          yield { file, line, what: match[0], instead: 'groundcrew_now()' };
        }
      }
    }
  },
};
