import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import { DRIVERS } from '../../src/providers/all.ts';
import { parseJobFile } from '../../src/runs/jobfile/parse.ts';
import { CONFIG_EXAMPLE } from './config-page.ts';
import { GENERATORS } from './generators.ts';
import { JOB_EXAMPLES } from './job-file-page.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test.each(GENERATORS)('$file is what the code says (mend it with: npm run generate)', async ({ file, render }) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toBe(await render());
});

test('the example configuration is valid', () => {
  const { config, errors, warnings } = readConfig(CONFIG_EXAMPLE, 'groundcrew.yaml', {}, DRIVERS);
  expect([...errors, ...warnings]).toEqual([]);
  expect(config?.labels.jammy?.ready).toBe(5);
});

test('the example job files are valid', () => {
  const counts = Object.values(JOB_EXAMPLES).map(
    (text) => parseJobFile(text, 'job.yaml', { GIT_COMMIT: '1' }).jobs.length,
  );
  expect(counts).toEqual([2, 5]);
});
