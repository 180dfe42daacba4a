import { readProject } from '../tidy/project.ts';
import { bareFiles } from './bare-files.ts';

// The test files for which it matters what is installed, one a line.
process.stdout.write(`${bareFiles(readProject(process.cwd())).join('\n')}\n`);
