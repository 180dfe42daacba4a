import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/cli/package-root.ts';

/** A fenced block of a page, with the line on which it begins. */
export interface Block {
  page: string;
  line: number;
  language: string;
  text: string;
}

/** The pages that people follow: the README and the guides. */
export function pages(): string[] {
  const guides = readdirSync(join(packageRoot(), 'docs', 'guides')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...guides.map((name) => `docs/guides/${name}`)];
}

/** Every fenced block of a page. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const [index, line] of readFileSync(join(packageRoot(), page), 'utf8').split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (fence === null) {
      if (open !== null) open.text += `${line}\n`;
      continue;
    }
    if (open === null) open = { page, line: index + 1, language: fence[1] ?? '', text: '' };
    else {
      blocks.push(open);
      open = null;
    }
  }
  return blocks;
}

/** The file that a block of YAML is, by its first line: `# job.yaml`, or `# added to job.yaml`. */
export function fileOf(block: Block): { name: string; added: boolean } | null {
  const match = /^# (added to )?([\w.-]+\.yaml)\n/.exec(block.text);
  return match === null ? null : { name: match[2] as string, added: match[1] !== undefined };
}
