import { fileSection } from '../../src/config/schema.ts';
import { publishDocument } from '../../src/config/typed/publish.ts';
import { jobFileSection } from '../../src/runs/jobfile/schema.ts';
import { configPage } from './config-page.ts';
import { errorsPage } from './errors-page.ts';
import { jobFilePage } from './job-file-page.ts';

/** A file that is made from the code: never edited by hand, and a test fails when it is stale. */
export interface Generator {
  /** From the root of the checkout. */
  readonly file: string;
  /** The whole text. */
  render(): string | Promise<string>;
}

/** Everything that `npm run generate` writes. A new page adds its line here. */
export const GENERATORS: readonly Generator[] = [
  { file: 'docs/reference/config.md', render: configPage },
  {
    file: 'docs/reference/config.schema.json',
    render: () => json(publishDocument(fileSection, 'Groundcrew configuration')),
  },
  { file: 'docs/reference/job-file.md', render: jobFilePage },
  {
    file: 'docs/reference/job.schema.json',
    render: () => json(publishDocument(jobFileSection, 'Groundcrew job file')),
  },
  { file: 'docs/reference/errors.md', render: errorsPage },
];

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
