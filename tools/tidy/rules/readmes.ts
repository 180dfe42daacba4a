import type { Finding, Rule } from '../finding.ts';

/** Every folder that ARCHITECTURE names explains itself in half a page: what it owns, its states, where to look. */
export const readmes: Rule = {
  name: 'readmes',
  *check(project): Generator<Finding> {
    const folders = new Set<string>();
    for (const file of project.files) {
      const folder = /^(agent|web|bench|test|tools|src\/providers\/[^/]+|src\/[^/]+)\/.*\.tsx?$/.exec(file)?.[1];
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
  },
};
