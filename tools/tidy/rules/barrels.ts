import type { Finding, Rule } from '../finding.ts';
import { isCode } from '../project.ts';

/** A file that only passes on what others export hides where things live, and drags all of it into every import. */
export const barrels: Rule = {
  name: 'barrels',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!isCode(file) || file.startsWith('examples/')) continue;
      if (/(^|\/)index\.(ts|tsx)$/.test(file)) {
        yield { file, line: 1, what: 'a file named index', instead: 'a name that says what is in it' };
      }
      for (const line of project.source(file).imports) {
        if (!line.is_export) continue;
        yield { file, line: line.line, what: `re-export of ${line.specifier}`, instead: 'import it where it is made' };
      }
    }
  },
};
