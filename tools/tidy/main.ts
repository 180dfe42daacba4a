import { formatFinding } from './finding.ts';
import { readProject } from './project.ts';
import { RULES } from './rules/all.ts';

// One line a finding on standard output; the status says whether there was any.
const root = process.cwd();
const project = readProject(root);
let count = 0;
for (const rule of RULES) {
  for (const finding of rule.check(project)) {
    process.stdout.write(`${formatFinding(rule.name, finding)}\n`);
    count++;
  }
}
process.exitCode = count === 0 ? 0 : 1;
