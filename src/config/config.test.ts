// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GroundcrewError } from '../base/errors/error.ts';
import { LABEL_PATTERN as EXPRESSION_LABEL } from '../labels/parser.ts';
import { DRIVERS } from '../providers/all.ts';
import type { FileReader } from '../schema/yaml/file.ts';
import { formatProblems } from '../schema/yaml/problems.ts';
import { checkConfig } from './check.ts';
import { loadConfig, loadDataConfig, parseConfig, readConfig } from './load.ts';
import { LABEL_PATTERN } from './names.ts';
import { BROKEN_CONFIGS, type BrokenConfig } from './testing/broken.ts';

function filesOf({ text, files = {} }: Pick<BrokenConfig, 'text' | 'files'>): FileReader {
  const all: Record<string, string> = { 'groundcrew.yaml': text, ...files };
  return (path) => (path in all ? { text: all[path] as string } : { problem: 'there is no such file', missing: true });
}

describe('a broken configuration', () => {
  test.each(BROKEN_CONFIGS)('$name', (broken) => {
    const { config, errors } = readConfig(
      broken.text,
      'groundcrew.yaml',
      broken.variables ?? {},
      DRIVERS,
      filesOf(broken),
    );
    expect(formatProblems(errors)).toEqual(broken.says);
    expect(config).toBeNull();
    expect(formatProblems(errors).join()).not.toContain('hunter2');
  });

  test('is one error with every problem', () => {
    let error: unknown;
    try {
      parseConfig('server: {port: x}\n', 'groundcrew.yaml', {}, DRIVERS);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'GC1101',
      message: [
        'The configuration groundcrew.yaml has 1 problem:',
        'groundcrew.yaml:1:16  server.port: expected a whole number, not "x"',
      ].join('\n'),
    });
  });

  test('lists fifty problems and counts the rest', () => {
    const text = Array.from({ length: 80 }, (_, index) => `unknown${index}: 1\n`).join('');
    const { errors } = readConfig(text, 'groundcrew.yaml', {}, DRIVERS);
    expect(errors).toHaveLength(80);
    expect(formatProblems(errors).at(-1)).toBe('… and 30 more');
  });
});

describe('a good configuration', () => {
  test('has units resolved and defaults filled in', () => {
    const text = `
labels:
  jammy: {ready: 5, max_ready_age: 8h}
  noble:
providers:
  here:
    driver: local
    isolation: \${ISOLATION:-unshare}
    limits: {nodes: 4, memory: 2GiB}
    mounts: [/opt/tools]
    nodes:
      - labels: [jammy, 22.04]
        limits: {nodes: 2, cores: 0.5, memory: 512MiB, processes: 100}
        boot_timeout: 1m30s
        env: {CI: true, RELEASE: 22.10}
        builtin_checks: [disk]
        preflight: [{name: git, run: 'test -n "\${HOME}"', tries: 2}]
      - {name: other, labels: noble, mounts: [{source: /srv/data, target: /data}]}
preflight: [{name: tools, run: test -d /opt/tools, timeout: 5s}]
holds: [{project: acme/*, for: 8h}]
server: {port: "\${PORT}", database: "\${file:database}"}
blobs: {s3: {endpoint: "https://s3.example", bucket: crew, access_key_id: a, secret_access_key: "\${KEY}"}}
`;
    const read: FileReader = (path) =>
      path === '/etc/groundcrew/database' ? { text: 'postgres://x/y\n' } : { problem: path, missing: true };
    const variables = { PORT: '8080', KEY: 's$cret' };
    const config = parseConfig(text, '/etc/groundcrew/groundcrew.yaml', variables, DRIVERS, read);
    const tools = { name: 'tools', run: 'test -d /opt/tools', timeout_ms: 5000, tries: 1 };
    expect({ ...config, labels: { ...config.labels }, providers: { ...config.providers } }).toEqual({
      labels: {
        jammy: { ready: 5, max_ready_age_ms: 28_800_000 },
        noble: { ready: 0, max_ready_age_ms: null },
      },
      providers: {
        here: {
          driver: 'local',
          options: { isolation: 'unshare' },
          limits: { nodes: 4, memory_bytes: 2 ** 31 },
          // As it stands in the file: what came from outside stays a reference.
          written: expect.objectContaining({
            isolation: '${ISOLATION:-unshare}',
            limits: { nodes: 4, memory: '2GiB' },
          }),
          nodes: [
            {
              name: 'jammy-22.04',
              labels: ['jammy', '22.04'],
              limits: { nodes: 2 },
              boot_timeout_ms: 90_000,
              preflight: [
                { name: 'disk', run: 'builtin:disk', timeout_ms: 10_000, tries: 1 },
                tools,
                { name: 'git', run: 'test -n "${HOME}"', timeout_ms: 30_000, tries: 2 },
              ],
              env: { CI: 'true', RELEASE: '22.10' },
              options: {
                cores: 0.5,
                memory_bytes: 2 ** 29,
                pids: 100,
                mounts: [{ source: '/opt/tools', target: '/opt/tools' }],
              },
            },
            {
              name: 'other',
              labels: ['noble'],
              limits: { nodes: null },
              boot_timeout_ms: 600_000,
              preflight: [
                ...['workspace', 'disk', 'network', 'clock'].map((name) => ({
                  name,
                  run: `builtin:${name}`,
                  timeout_ms: 10_000,
                  tries: 1,
                })),
                tools,
              ],
              env: {},
              options: {
                mounts: [
                  { source: '/opt/tools', target: '/opt/tools' },
                  { source: '/srv/data', target: '/data' },
                ],
              },
            },
          ],
        },
      },
      holds: [{ on: 'failure', project: 'acme/*', for_ms: 28_800_000, at_most: 10 }],
      server: {
        host: '127.0.0.1',
        port: 8080,
        data_directory: '/etc/groundcrew/.groundcrew',
        database_url: 'postgres://x/y',
      },
      blobs: {
        s3: {
          endpoint: 'https://s3.example',
          region: 'us-east-1',
          bucket: 'crew',
          prefix: '',
          access_key_id: 'a',
          secret_access_key: 's$cret',
        },
      },
    });
  });

  test('may use anchors, merges and includes', () => {
    const text = `include: more.yaml
providers:
  a:
    driver: local
    nodes:
      - &node {labels: [a], boot_timeout: 5s}
      - {<<: *node, labels: [b]}
`;
    const files = { 'more.yaml': 'labels: {a: {ready: 1}}\nproviders: {z: {driver: local, nodes: [{labels: z}]}}\n' };
    const config = parseConfig(text, 'groundcrew.yaml', {}, DRIVERS, filesOf({ text, files }));
    expect(Object.keys(config.providers)).toEqual(['a', 'z']);
    expect(config.labels.a).toEqual({ ready: 1, max_ready_age_ms: null });
    expect(config.providers.a?.nodes.map(({ labels, boot_timeout_ms }) => [labels, boot_timeout_ms])).toEqual([
      [['a'], 5000],
      [['b'], 5000],
    ]);
  });

  test('does not find what it only inherits', () => {
    const { labels } = parseConfig('labels: {jammy: }\n', 'groundcrew.yaml', {}, DRIVERS);
    expect(labels.constructor).toBeUndefined();
  });

  test('warns of labels that nothing carries and of providers without node types', () => {
    const text =
      'labels: {jamy: {ready: 2}, noble: }\nproviders:\n  a: {driver: local, nodes: [{labels: jammy}]}\n  b: {driver: local}\n';
    expect(checkConfig(text, 'groundcrew.yaml', {}, DRIVERS).lines).toEqual([
      '! groundcrew.yaml:1:10 labels.jamy: no node type carries this label, so its 2 ready nodes never come. Did you mean "jammy"?',
      '! groundcrew.yaml:1:28 labels.noble: no node type carries this label.',
      '! groundcrew.yaml:4:6  providers.b: has no node types under "nodes", so no node ever comes from it',
      '',
      '✓ groundcrew.yaml is valid, with 3 warnings',
      '  labels     jamy   2 ready',
      '             noble  0 ready',
      '  providers  a      local: jammy',
      '             b      local: no node types',
    ]);
  });

  test('warns of what its limits can never let come, at the line that asks for it', () => {
    const text = `labels:
  big: {ready: 1}
  fits: {ready: 3}
  many: {ready: 9}
providers:
  a:
    driver: local
    limits: {memory: 4GiB, cores: 2, nodes: 8}
    nodes:
      - {labels: big, limits: {memory: 8GiB, cores: 4}}
      - {labels: fits, limits: {memory: 1GiB, cores: 0.4}}
      - {labels: many, limits: {nodes: 5}}
  b: {driver: local, nodes: [{labels: many, limits: {nodes: 3}}]}
`;
    const { ok, lines } = checkConfig(text, 'groundcrew.yaml', {}, DRIVERS);
    expect(ok).toBe(true);
    expect(lines.slice(0, lines.indexOf(''))).toEqual([
      '! groundcrew.yaml:2:16  labels.big.ready: 1 are wanted, and the limits of all providers allow 0',
      '! groundcrew.yaml:4:17  labels.many.ready: 9 are wanted, and the limits of all providers allow 8',
      '! groundcrew.yaml:10:40 providers.a.nodes[0].limits.memory: 8.0 GiB is more than the 4.0 GiB that the provider allows in all, so no such node ever comes',
      '! groundcrew.yaml:10:53 providers.a.nodes[0].limits.cores: 4 cores is more than the 2 cores that the provider allows in all, so no such node ever comes',
    ]);
  });

  test('warns when each target could be met and all together could not, unless a node counts for two', () => {
    const text = (second: string): string =>
      `labels: {a: {ready: 3}, b: {ready: 3}}\nproviders: {here: {driver: local, limits: {nodes: 5}, nodes: [{labels: [a]}, {labels: ${second}}]}}\n`;
    const warnings = (second: string) => readConfig(text(second), 'groundcrew.yaml', {}, DRIVERS).warnings;
    expect(formatProblems(warnings('[b]'))).toEqual([
      'groundcrew.yaml:1:9  labels: 6 ready nodes are wanted in all, and the limits of all providers allow 5',
    ]);
    expect(warnings('[a, b]')).toEqual([]);
    // Two sizes, and only the memory of both is limited.
    const sizes = (memory: string) =>
      `labels: {a: {ready: 2}, b: {ready: 2}}\nproviders: {here: {driver: local, limits: {memory: ${memory}}, nodes: [{labels: a, limits: {cores: 2, memory: 2GiB}}, {labels: b, limits: {cores: 4, memory: 1GiB}}]}}\n`;
    expect(readConfig(sizes('6GiB'), 'groundcrew.yaml', {}, DRIVERS).warnings).toEqual([]);
    expect(formatProblems(readConfig(sizes('4GiB'), 'groundcrew.yaml', {}, DRIVERS).warnings)).toEqual([]);
    expect(formatProblems(readConfig(sizes('3GiB'), 'groundcrew.yaml', {}, DRIVERS).warnings)).toEqual([
      'groundcrew.yaml:1:21  labels.a.ready: 2 are wanted, and the limits of all providers allow 1',
    ]);
  });

  test('tells labels that nothing carries also beside errors', () => {
    const text =
      'labels: {jamy: {ready: 2}}\nproviders:\n  a: {driver: openstack, flavor: x, nodes: [{labels: jammy}]}\nserver: {port: x}\n';
    expect(checkConfig(text, 'groundcrew.yaml', {}, DRIVERS).lines).toEqual([
      'groundcrew.yaml:3:15  providers.a.driver: "openstack" is not known; the only choice is local',
      'groundcrew.yaml:4:16  server.port: expected a whole number, not "x"',
      '',
      '! groundcrew.yaml:1:10  labels.jamy: no node type carries this label, so its 2 ready nodes never come. Did you mean "jammy"?',
      '',
      '✗ 2 problems, with 1 warning',
    ]);
  });

  test('is told apart from a broken one, as data', () => {
    const { ok, lines, json } = checkConfig('server: {port: x}\n', 'groundcrew.yaml', {}, DRIVERS);
    expect(ok).toBe(false);
    expect(lines.at(-1)).toBe('✗ 1 problem');
    expect(json.errors).toEqual([
      {
        severity: 'error',
        file: 'groundcrew.yaml',
        line: 1,
        column: 16,
        path: 'server.port',
        message: 'expected a whole number, not "x"',
        excerpt: null,
      },
    ]);
  });
});

describe('files', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'groundcrew-config-'));
    mkdirSync(join(directory, 'folder'));
    writeFileSync(join(directory, 'large.yaml'), '#'.repeat(2 ** 20 + 1));
    writeFileSync(join(directory, 'latin.yaml'), Buffer.from([0x61, 0xe9, 0x0a]));
    writeFileSync(join(directory, 'good.yaml'), 'server: {data: state, database: "${file:secret}"}\n');
    writeFileSync(join(directory, 'secret'), 'postgres://x/y\n');
    writeFileSync(join(directory, 'empty.yaml'), '\n \n');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each([
    ['missing.yaml', 'there is no such file'],
    ['folder', 'it is a directory, not a file'],
    ['good.yaml/more', 'there is no such file'],
    ['large.yaml', 'it is too large: 1048577 bytes, and 1048576 are the most'],
    ['latin.yaml', 'it is not text in UTF-8'],
    ['empty.yaml', 'it is empty'],
  ])('%s: %s', async (name, detail) => {
    await expect(loadConfig(join(directory, name), {}, DRIVERS)).rejects.toMatchObject({
      code: 'GC1102',
      message: `Cannot read the configuration ${join(directory, name)}: ${detail}`,
    });
  });

  test('an empty file holds up nobody who only asks where the data is', async () => {
    const { server } = await loadDataConfig(join(directory, 'empty.yaml'), {});
    expect(server.database_url).toBeNull();
  });

  test('a device is never waited on', async () => {
    await expect(loadConfig('/dev/zero', {}, DRIVERS)).rejects.toMatchObject({ code: 'GC1102' });
  });

  test('the file’s own directory is where its paths begin', async () => {
    const { server } = await loadConfig(join(directory, 'good.yaml'), {}, DRIVERS);
    expect(server).toMatchObject({ data_directory: join(directory, 'state'), database_url: 'postgres://x/y' });
  });

  test('none at the default place: the built-in one', async () => {
    const before = process.cwd();
    process.chdir(directory);
    try {
      const config = await loadConfig(undefined, {}, DRIVERS);
      expect(config.labels.local).toEqual({ ready: 1, max_ready_age_ms: null });
      expect(config.providers.local?.nodes.map((type) => type.labels)).toEqual([['local']]);
    } finally {
      process.chdir(before);
    }
  });
});

describe('properties', () => {
  test('labels are the same words in the configuration and in expressions', () => {
    expect(LABEL_PATTERN).toBe(EXPRESSION_LABEL);
  });

  const pieces = fc.constantFrom(
    ...[
      'labels',
      'providers',
      'nodes',
      'driver',
      'local',
      'ready',
      'server',
      'port',
      'include',
      'holds',
      '<<',
      ': ',
      ':',
    ],
    ...[
      '\n',
      '\n  ',
      '\n    ',
      '\n- ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '&a ',
      '*a',
      '!x ',
      '"',
      "'",
      '|',
      '>',
      '#',
      '\t',
    ],
    ...[
      '5',
      '5s',
      '${A}',
      '${B:-c}',
      '${file:x}',
      '${',
      '$${',
      '~',
      'true',
      '---',
      '%',
      '@',
      '? ',
      '\u0000',
      '\ud800',
      '😀',
    ],
  );
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom(...BROKEN_CONFIGS.map(({ text }) => text)), fc.nat(400), fc.nat(20), pieces)
      .map(([text, from, length, piece]) => text.slice(0, from) + piece + text.slice(from + length)),
  );

  test('any text gives a configuration or GC1101', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          expect(parseConfig(text, 'groundcrew.yaml', { A: 'a' }, DRIVERS, filesOf({ text })).server.host).toBeTypeOf(
            'string',
          );
        } catch (error) {
          expect(error).toBeInstanceOf(GroundcrewError);
          expect(error).toMatchObject({ code: 'GC1101' });
        }
      }),
      { numRuns: 600 },
    );
  });

  test.each([
    ['brackets', '['.repeat(200_000)],
    ['maps', '{a: '.repeat(200_000)],
    ['dashes', '- '.repeat(200_000)],
    ['questions', '? '.repeat(20_000)],
    ['commas', `[${','.repeat(30_000)}`],
    ['anchors', '&a '.repeat(10_000)],
    [
      'an alias bomb',
      `a0: &a0 [${'x,'.repeat(9)}x]\n${Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}*a${i}]\n`).join('')}`,
    ],
    ['a bomb of long texts', `a: &a ${'x'.repeat(100_000)}\nb: [${'*a,'.repeat(10_000)}]\n`],
    [
      'a tower of aliases',
      `a0: &a0 [${'['.repeat(40)}${']'.repeat(40)}]\n${Array.from({ length: 1500 }, (_, i) => `a${i + 1}: &a${i + 1} ${'['.repeat(30)}*a${i}${']'.repeat(30)}\n`).join('')}`,
    ],
    ['merges', `a: &a {b: 1}\n${Array.from({ length: 3000 }, (_, i) => `k${i}: {<<: *a}\n`).join('')}`],
    ['long keys', Array.from({ length: 900 }, (_, i) => `"${'labls'.repeat(200)}${i}": 1\n`).join('')],
  ])('hostile %s end in GC1101', (_name, text) => {
    expect(() => parseConfig(text, 'groundcrew.yaml', {}, DRIVERS)).toThrow(GroundcrewError);
  });
});
