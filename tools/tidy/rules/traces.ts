import type { Finding, Rule } from '../finding.ts';

/** Directories of somebody's machine: homes and build roots. */
const MACHINE_PATH = /(?<![\w.$}/-])\/(?:home|Users|work)\/[\w.-]+/g;
/** Paths inside a node, which are the same everywhere. */
const INSIDE_A_NODE = ['/home/payload'];

/** Nothing in the repository depends on the machine or the registry that it was written with. */
export const traces: Rule = {
  name: 'traces',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      const text = project.text(file);
      const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
      if (/(^|\/)package-lock\.json$/.test(file)) {
        // A folder of this checkout (a workspace) is no host.
        for (const match of text.matchAll(/"resolved": "[a-z+]+:/g)) {
          const instead = 'npm install with omit-lockfile-registry-resolved=true';
          yield { file, line: lineAt(match.index), what: 'a registry host', instead };
        }
      }
      for (const match of text.matchAll(MACHINE_PATH)) {
        if (INSIDE_A_NODE.includes(match[0])) continue;
        const what = `a path of one machine, ${match[0]}`;
        yield { file, line: lineAt(match.index), what, instead: 'a path relative to the checkout, or a setting' };
      }
    }
  },
};
