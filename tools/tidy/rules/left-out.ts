import type { Finding, Rule } from '../finding.ts';
import { isTest } from '../project.ts';

const SKIPS = /^(?:it|test|describe|suite|context)(?:\.\w+)*\.(?:skip|skipIf|runIf|todo)$/;

/** A test is left out for something that the machine lacks, in one way that is told at the end and refused in CI. */
export const leftOut: Rule = {
  name: 'left-out',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!isTest(file) || !/\.tsx?$/.test(file)) continue;
      const { uses, calls } = project.source(file);
      const skips = [
        ...uses.filter(({ name }) => SKIPS.test(name)),
        ...calls.filter(({ name }) => name === 'skip').map(({ line }) => ({ name: 'skip(', line })),
      ].sort((left, right) => left.line - right.line);
      const instead = "needs('…') of tools/needs/needs.ts, as the test's options";
      for (const { name, line } of skips) yield { file, line, what: name, instead };
    }
  },
};
