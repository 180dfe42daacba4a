import type { Finding, Rule } from '../finding.ts';
import { isTest } from '../project.ts';

const SKIPS = /\b(?:it|test|describe|suite|context)(?:\.\w+)*\.(?:skip|skipIf|runIf|todo)\b|(?<![.\w])skip\s*\(/g;

/** A test is left out for something that the machine lacks, in one way that is told at the end and refused in CI. */
export const leftOut: Rule = {
  name: 'left-out',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!isTest(file) || !/\.tsx?$/.test(file)) continue;
      const source = project.source(file);
      for (const match of source.code.matchAll(SKIPS)) {
        const line = source.lineAt(match.index);
        yield {
          file,
          line,
          what: match[0].trim(),
          instead: "needs('…') of tools/needs/needs.ts, as the test's options",
        };
      }
    }
  },
};
