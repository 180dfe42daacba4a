import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

test('an export that nothing else uses is found; one that only a test uses is none', () => {
  const directory = mkdtempSync(join(tmpdir(), 'dead-exports-'));
  try {
    mkdirSync(join(directory, 'src'));
    copyFileSync(join(ROOT, 'knip.json'), join(directory, 'knip.json'));
    const texts = {
      'package.json': '{"name": "tried", "type": "module"}',
      'src/main.ts': "import { used, type Used } from './a.ts';\nused satisfies Used;\n",
      'src/a.ts':
        'export const used = 1;\nexport type Used = number;\nexport const tested = 2;\nexport const dead = 3;\nexport type Dead = 4;\n',
      'src/a.test.ts': "import { tested } from './a.ts';\ntested;\n",
    };
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(directory, file), text);
    const knip = join(ROOT, 'node_modules', 'knip', 'bin', 'knip.js');
    const parameters = [knip, '--directory', directory, '--no-progress', '--reporter', 'compact'];
    const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8', timeout: 60_000 });
    const found = stdout.split('\n').filter((line) => line.startsWith('src/'));
    expect([found, stderr]).toEqual([['src/a.ts: dead', 'src/a.ts: Dead'], '']);
    expect(status).toBe(1);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 70_000);
