import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/package-root.ts';
import { checkConfig } from '../../src/config/check.ts';
import { DRIVERS } from '../../src/providers/all.ts';
import { parseJobFile } from '../../src/runs/jobfile/parse.ts';
import { blocksOf, fileOf, pages } from './blocks.ts';

const scripts = (
  JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { scripts: Record<string, string> }
).scripts;

/** What pages have npm itself do. */
const NPM_COMMANDS = ['link'];

describe.each(pages())('%s', (page) => {
  const blocks = blocksOf(page);

  it('shows files that are valid', () => {
    const files = new Map<string, string>();
    for (const block of blocks.filter(({ language }) => language === 'yaml')) {
      const where = `${block.page}:${block.line}`;
      const file = fileOf(block);
      expect(file, `${where}: the first line is to name the file`).not.toBeNull();
      if (file === null) continue;
      const text = file.added ? `${files.get(file.name) ?? ''}${block.text}` : block.text;
      files.set(file.name, text);
      if (file.name === 'job.yaml')
        expect(() => parseJobFile(text, where, { GIT_COMMIT: '1a2b3c4' }), where).not.toThrow();
      else expect(checkConfig(text, where, {}, DRIVERS), where).toMatchObject({ ok: true });
    }
  });

  it('names npm scripts that are there', () => {
    const named = blocks.flatMap(({ text }) => [...text.matchAll(/^npm (?:run )?(\w+)/gm)].map((match) => match[1]));
    for (const name of named) expect([...Object.keys(scripts), ...NPM_COMMANDS]).toContain(name);
  });

  it('links to files that are there', () => {
    const text = readFileSync(join(packageRoot(), page), 'utf8');
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const path = join(packageRoot(), dirname(page), target as string);
      expect(existsSync(path), `${page} links to ${target}`).toBe(true);
    }
  });
});
