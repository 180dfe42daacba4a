import { fileSectionOf } from '../../src/config/schema.ts';
import { DRIVERS } from '../../src/providers/all.ts';
import { jobFileSection } from '../../src/runs/jobfile/schema.ts';
import { publishDocument } from '../../src/schema/publish.ts';
import { apiPage } from './api-page.ts';
import { cliPage } from './cli-page.ts';
import { generateClient } from './client.ts';
import { configPage } from './config-page.ts';
import { errorsPage } from './errors-page.ts';
import { jobFilePage } from './job-file-page.ts';
import type { OpenApi } from './openapi-types.ts';

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
    render: () => json(publishDocument(fileSectionOf(DRIVERS), 'Groundcrew configuration')),
  },
  { file: 'docs/reference/job-file.md', render: jobFilePage },
  {
    file: 'docs/reference/job.schema.json',
    render: () => json(publishDocument(jobFileSection, 'Groundcrew job file')),
  },
  { file: 'docs/reference/cli.md', render: cliPage },
  { file: 'docs/reference/errors.md', render: errorsPage },
  { file: 'docs/reference/openapi.json', render: async () => json(await description()) },
  { file: 'docs/reference/api.md', render: async () => apiPage(await description()) },
  { file: 'src/protocol/client.generated.ts', render: async () => generateClient(await description()) },
];

/** Loaded late, so that an API that does not compile stops its own pages only. */
async function description(): Promise<OpenApi> {
  const { apiDescription } = await import('./api-description.ts');
  return await apiDescription();
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
