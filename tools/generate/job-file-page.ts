// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { jobFileSection } from '../../src/runs/jobfile/schema.ts';
import { schemaTables } from './schema-page.ts';

/** Whole job files; a test reads them as the server does. */
export const JOB_EXAMPLES = {
  single: `# yaml-language-server: $schema=./job.schema.json
project: acme/widget
build: \${GIT_COMMIT}
checkout: .
matrix:
  environment: [jammy, noble]
nodes: \${environment} && x86_64
steps:
  - run: npm ci
  - name: test
    run: npm test -- --reporter=junit > junit.xml
    timeout: 20m
results:
  - junit.xml
artifacts: [coverage/**, "*.log"]
on_failure: {hold: 8h, keys: [me]}
`,
  several: `project: acme/widget
build: \${GIT_COMMIT}
checkout: .
nodes: jammy && x86_64
env: {CI: 1}
jobs:
  lint:
    steps: [npm run lint]
  test:
    matrix:
      python: [3.11, 3.12]
      size: [small, large]
      exclude: [{python: 3.11, size: large}]
    nodes: jammy && python\${python}
    steps:
      - tox -e "py\${python}-\${size}"
    results: [report.xml]
  package:
    after: [lint, test]
    steps: [make package]
    artifacts: [dist/*.tar.gz]
    retries: 0
`,
} as const;

/** `docs/reference/job-file.md`. */
export function jobFilePage(): string {
  return [
    '<!-- Made by `npm run generate` from src/runs/jobfile/schema.ts. Do not edit. -->',
    '# The job file',
    '',
    'What to do, on which nodes, and what to bring back. `groundcrew job submit job.yaml` hands it in.',
    '',
    '```yaml',
    JOB_EXAMPLES.single.trimEnd(),
    '```',
    '',
    'Several jobs stand below `jobs`. What is at the top is the default of each; a job’s own `env` is added to it.',
    '',
    '```yaml',
    JOB_EXAMPLES.several.trimEnd(),
    '```',
    '',
    '## Labels',
    '',
    '`nodes` is an expression over labels: `&&` (both), `||` (either), `!` (not) and parentheses; `!` binds tightest, then',
    '`&&`. YAML gives `!`, `&` and `*` at the beginning of a value a meaning of its own, so put such a value in quotes:',
    '`nodes: "!arm && jammy"`.',
    '',
    '## Substitution',
    '',
    '`${NAME}` is the value of a matrix axis or else an environment variable of whoever submits, and an error when there is',
    'neither; `${NAME:-value}` gives it a default; `$${` is a plain `${`. In scripts `${…}` is the shell’s, which finds the',
    'matrix’s values and `env` as environment variables.',
    '',
    '## Bounds',
    '',
    'At most 1,000 jobs a submission, all combinations counted; 100 steps a job; 120 KiB a script; 256 KiB a file.',
    '',
    schemaTables(jobFileSection, 2, 'Keys'),
  ].join('\n');
}
