import { posix } from 'node:path';
import type { Finding, Rule } from '../finding.ts';
import type { Project } from '../project.ts';

/**
 * Every folder that ARCHITECTURE names explains itself in half a page: what it owns, its states, where to look. And every
 * file that a README, ARCHITECTURE or CONTRIBUTING names is there: by its path from the text's folder or from the root,
 * or by the end of its path when it is somewhere below.
 */
export const readmes: Rule = {
  name: 'readmes',
  *check(project): Generator<Finding> {
    yield* missingReadmes(project);
    for (const file of project.files) {
      if (/^(ARCHITECTURE|CONTRIBUTING|(.*\/)?README)\.md$/.test(file)) yield* missingFiles(project, file);
    }
  },
};

function* missingReadmes(project: Project): Generator<Finding> {
  const folders = new Set<string>();
  for (const file of project.files) {
    const folder = /^(agent|web|bench|sim|test|tools|src\/providers\/[^/]+|src\/[^/]+)\/.*\.tsx?$/.exec(file)?.[1];
    if (folder !== undefined && !folder.endsWith('.ts') && !folder.endsWith('/testing')) folders.add(folder);
  }
  for (const folder of folders) {
    if (project.files.includes(`${folder}/README.md`)) continue;
    const what = 'no README.md in this folder';
    yield {
      file: `${folder}/README.md`,
      line: 1,
      what,
      instead: 'half a page: what it owns, its states, where to look',
    };
  }
}

/** `path/to/file.ts` in backticks; `*` stands for any one folder or name, and so does a word in capitals. */
const NAMED = /`([\w./*-]+\.(?:ts|tsx|mjs))`/g;

function* missingFiles(project: Project, file: string): Generator<Finding> {
  const folder = posix.dirname(file);
  const inside = folder === '.' ? '' : `${folder}/`;
  const lines = project.text(file).split('\n');
  for (const [index, line] of lines.entries()) {
    for (const [, named = ''] of line.matchAll(NAMED)) {
      const isThere = matcher('^', posix.join(folder, named));
      const isFromRoot = matcher('^', named);
      const isBelow = matcher('(^|/)', named);
      const found = project.files.some(
        (path) =>
          isThere.test(path) ||
          isFromRoot.test(path) ||
          (path.startsWith(inside) && isBelow.test(path.slice(inside.length))),
      );
      if (!found) yield { file, line: index + 1, what: `no file ${named}`, instead: `its path from ${folder}/` };
    }
  }
}

function matcher(start: string, named: string): RegExp {
  const parts = named.split('/').map((part) => {
    const free = part.replace(/^[A-Z]{3,}(?=\.|$)/, '*');
    return free.replaceAll('.', '\\.').replaceAll('*', '[^/]+');
  });
  return new RegExp(`${start}${parts.join('/')}$`);
}
