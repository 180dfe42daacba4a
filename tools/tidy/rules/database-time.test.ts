import { expect, it } from 'vitest';
import { findings } from '../testing/texts.ts';
import { databaseTime } from './database-time.ts';

it('finds what answers the time in statements, on their lines, not in code and comments', () => {
  const text = [
    '// now() in a comment',
    'const a = clock.now();',
    'const b = sql`update a set b = groundcrew_now(),',
    '  c = clock_timestamp() + ${now()} * d,',
    '  e = NOW()`;',
    "const f = 'select current_timestamp';",
    "const g = 'Date.now() is refused';",
  ].join('\n');
  expect(findings(databaseTime, { 'src/nodes/store/a.ts': text })).toEqual([
    'src/nodes/store/a.ts:4 clock_timestamp()',
    'src/nodes/store/a.ts:5 NOW()',
    'src/nodes/store/a.ts:6 current_timestamp',
  ]);
});

it('lets the migrations be that came before the function, and no later one', () => {
  const text = "export const sql = 'alter table a add b timestamptz default clock_timestamp()';";
  const files = ['src/store/migrations/0003-a.ts', 'src/store/migrations/0015-b.ts', 'src/store/migrations/0016-c.ts'];
  expect(findings(databaseTime, Object.fromEntries(files.map((file) => [file, text])))).toEqual([
    'src/store/migrations/0016-c.ts:1 clock_timestamp()',
  ]);
});
