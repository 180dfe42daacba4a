// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { fileSectionOf } from '../../src/config/schema.ts';
import { DRIVERS } from '../../src/providers/all.ts';
import { schemaTables } from './schema-page.ts';

/** A whole configuration; a test reads it as the server does. */
export const CONFIG_EXAMPLE = `# yaml-language-server: $schema=./config.schema.json
labels:
  jammy: {ready: 5, max_ready_age: 8h}
  noble: {ready: 2}
providers:
  here:
    driver: local
    limits: {nodes: 12, memory: 24GiB}
    nodes:
      - labels: [jammy, x86_64]
        limits: {cores: 2, memory: 2GiB}
      - labels: [noble, x86_64]
        limits: {cores: 2, memory: 2GiB}
        mounts: [/opt/toolchain]
preflight:
  - name: toolchain
    run: test -x /usr/bin/git
holds:
  - {on: failure, project: acme/*, for: 8h, at_most: 10}
server:
  port: 7420
  database: \${DATABASE_URL:-postgres://groundcrew@localhost/groundcrew}
blobs:
  directory: /srv/groundcrew/blobs
`;

/** `docs/reference/config.md`. */
export function configPage(): string {
  return [
    '<!-- Made by `npm run generate` from src/config/schema.ts. Do not edit. -->',
    '# The configuration file',
    '',
    'The server reads `groundcrew.yaml` in its working directory, or the file that `--config` names. Without a file it',
    'uses one local provider that keeps one node with the label `local` ready. `groundcrew config check` names every',
    'problem with its line.',
    '',
    '```yaml',
    CONFIG_EXAMPLE.trimEnd(),
    '```',
    '',
    'For completion and checks in an editor, put the address of `config.schema.json` in the first line as above.',
    '',
    '## Secrets and other values from outside',
    '',
    '| form | stands for |',
    '|---|---|',
    '| `${NAME}` | the environment variable of the server; an error when it is not set |',
    '| `${NAME:-value}` | the same, or this value when it is not set or empty |',
    '| `${file:path}` | the text of a file, relative to the one that names it, without the newline at its end |',
    '| `$${` | a plain `${` |',
    '',
    'They may stand anywhere in a value except in scripts (`run`), where `${…}` is the shell’s. Values that came this way',
    'are never part of the server’s messages and log, nor of what `config check` prints. What a payload prints of the `env`',
    'of its node is in the run’s log as it is: nothing masks it.',
    '',
    schemaTables(fileSectionOf(DRIVERS), 2, 'Keys at the top'),
  ].join('\n');
}
