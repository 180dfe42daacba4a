// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Check } from 'typebox/schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { GroundcrewError } from '../../base/errors/error.ts';
import { JOB_FILE_KEYS } from '../../config/other-file.ts';
import { fileSection } from '../../config/schema.ts';
import { parseExpression } from '../../labels/expression.ts';
import { publishDocument } from '../../schema/publish.ts';
import { parseJobFile, variablesOfJobFile } from './parse.ts';
import type { SubmissionPlan } from './plan.ts';
import { jobFileSection } from './schema.ts';
import { BROKEN_JOB_FILES } from './testing/broken.ts';

function complaints(text: string, variables: Record<string, string> = {}): string[] {
  try {
    parseJobFile(text, 'job.yaml', variables);
  } catch (error) {
    if (error instanceof GroundcrewError && error.code === 'GC1601') return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
}

function namesOf(plan: SubmissionPlan): string[] {
  return plan.jobs.map(({ name, environment }) => `${name} @ ${environment}`);
}

describe('a broken job file', () => {
  test.each(BROKEN_JOB_FILES)('$name', ({ text, variables, says }) => {
    expect(complaints(text, variables)).toEqual(says);
  });

  test('tells what jobs share once, at its own place, and nothing more of a misspelled key', () => {
    const head = 'project: a/b\nbuild: "1"\n';
    const jobs = 'jobs:\n  one: {steps: [a]}\n  two: {steps: [a], matrix: {size: [s, l]}}\n  three.x: {steps: [a]}\n';
    expect(complaints(`${head}nodes: x\nenv: {KEY: "${'${API_KEY}'}"}\n${jobs}`)).toEqual([
      'job.yaml:4:13  env.KEY: ${API_KEY} is not set in the environment. Set it, pass --var API_KEY=…, or give a default: ${API_KEY:-default}',
    ]);
    expect(complaints(`${head}node: x\n${jobs}`)).toEqual(['job.yaml:3:1  node: unknown key. Did you mean "nodes"?']);
    expect(complaints(`${head}nodes: x\nstep: [a]\n`)).toEqual([
      'job.yaml:4:1  step: unknown key. Did you mean "steps"?',
    ]);
    const own = `${head}nodes: x\njobs:\n  one: {steps: [a], env: {A: "${'${B}'}"}}\n`;
    expect(complaints(own)[0]).toMatch(/^job\.yaml:5:31 {2}jobs\.one\.env\.A: /);
    expect(complaints(`${head}nodes: "a &&"\n${jobs}`)[0]).toMatch(/^job\.yaml:3:8 {2}nodes: /);
    expect(complaints(`${head}nodes: "a &&"\n${jobs}`).filter((line) => line.startsWith('job.yaml:'))).toHaveLength(1);
  });

  test('asks for the variables of a job whose matrix is broken, too', () => {
    expect(variablesOfJobFile('matrx: {a: [b]}\nnodes: a${Y}\nsteps: [x]\n', 'job.yaml')).toEqual(['Y']);
  });

  test('is told from a configuration by all of its keys', () => {
    expect(JOB_FILE_KEYS).toEqual(Object.keys(jobFileSection.properties));
    expect(JOB_FILE_KEYS.filter((key) => Object.hasOwn(fileSection.properties, key))).toEqual([]);
  });

  test('counts its problems', () => {
    expect(() => parseJobFile('nodes: a\n', 'job.yaml', {})).toThrow('The job file job.yaml has 3 problems:\n');
  });
});

const FULL = `
project: acme/widget
build: \${GIT_COMMIT}
checkout: .
matrix:
  environment: [jammy, noble]
nodes: (\${environment}) && x86_64
env: {LEVEL: 3, VERSION: 1.10, WHO: "\${WHO:-nobody}"}
steps:
  - npm ci
  - name: test
    run: |

      npm test -- --name=\${NAME} \\
        > junit.xml
    timeout: 20m
    env: {DEBUG: false}
results: junit.xml
artifacts: [coverage/**, "*.log"]
on_failure: {hold: 8h}
`;

describe('a good job file', () => {
  test('is one job in each environment', () => {
    const plan = parseJobFile(FULL, 'job.yaml', { GIT_COMMIT: '1.10', WHO: '' });
    const job = (environment: string) => ({
      name: 'main',
      environment,
      expression: `${environment} && x86_64`,
      retries: 2,
      after: [],
      hold: { duration_ms: 28_800_000, owner: 'me', keys: ['me'] },
      spec: {
        project: 'acme/widget',
        build: '1.10',
        job: 'main',
        environment,
        checkout: true,
        env: { environment, LEVEL: '3', VERSION: '1.10', WHO: 'nobody' },
        steps: [
          { name: 'npm ci', run: 'npm ci', timeout_ms: 3_600_000, env: {} },
          {
            name: 'test',
            run: '\nnpm test -- --name=${NAME} \\\n  > junit.xml\n',
            timeout_ms: 1_200_000,
            env: { DEBUG: 'false' },
          },
        ],
        results: [{ path: 'junit.xml', format: null }],
        artifacts: ['coverage/**', '*.log'],
        timeout_ms: 3_600_000,
      },
    });
    expect(plan).toEqual({
      project: 'acme/widget',
      build: '1.10',
      checkout: { directory: '.' },
      jobs: [job('jammy'), job('noble')],
    });
  });

  test('multiplies axes, leaves out what is excluded, and is named by them', () => {
    const text = `project: a/b
build: 1
name: test
matrix:
  environment: [jammy, noble]
  python: [3.9, 3.10]
  exclude: [{environment: noble, python: 3.9}]
nodes: \${environment} && python\${python}
steps: [make]
`;
    const plan = parseJobFile(text, 'job.yaml', {});
    expect(namesOf(plan)).toEqual(['test (3.9) @ jammy', 'test (3.10) @ jammy', 'test (3.10) @ noble']);
    expect(plan.jobs.map((job) => job.expression)).toEqual([
      'jammy && python3.9',
      'jammy && python3.10',
      'noble && python3.10',
    ]);
    expect(plan.checkout).toBeNull();
    expect(plan.jobs[0]?.spec.env).toEqual({ environment: 'jammy', python: '3.9' });
  });

  test('has several jobs, which take from the top what they do not say', () => {
    const text = `project: a/b
build: 1
nodes: jammy
timeout: 5m
env: {A: top, B: top}
jobs:
  build: {steps: [make], matrix: {arch: [x86, arm]}, environment: "here-\${arch}"}
  test: {steps: [make test], after: build, nodes: noble, env: {A: own}}
  pack: {steps: [make pack], after: [test, build], retries: 0}
`;
    const plan = parseJobFile(text, 'job.yaml', {});
    expect(namesOf(plan)).toEqual([
      'build (x86) @ here-x86',
      'build (arm) @ here-arm',
      'test @ default',
      'pack @ default',
    ]);
    expect(plan.jobs.map((job) => job.after)).toEqual([
      [],
      [],
      ['build (x86)', 'build (arm)'],
      ['test', 'build (x86)', 'build (arm)'],
    ]);
    expect(plan.jobs[2]).toMatchObject({
      expression: 'noble',
      spec: { timeout_ms: 300_000, env: { B: 'top', A: 'own' } },
    });
    expect(plan.jobs[3]).toMatchObject({ expression: 'jammy', retries: 0, spec: { env: { A: 'top', B: 'top' } } });
  });

  test('tells which variables it needs', () => {
    expect(variablesOfJobFile(FULL, 'job.yaml').sort()).toEqual(['GIT_COMMIT', 'WHO']);
    expect(
      variablesOfJobFile('matrix: {a: ["${X}"]}\nnodes: ${a}${Y}\nsteps: [{run: "${Z}", timeout: "${T}"}]', 'j').sort(),
    ).toEqual(['T', 'X', 'Y']);
    expect(variablesOfJobFile('{', 'job.yaml')).toEqual([]);
  });

  test.each(['widget', 'widget-next'])('the example %s', (name) => {
    const path = new URL(`../../../examples/${name}/job.yaml`, import.meta.url);
    const plan = parseJobFile(readFileSync(path, 'utf8'), 'job.yaml', { GIT_COMMIT: '1a2b3c4' });
    expect(namesOf(plan)).toEqual(['main @ jammy', 'main @ noble']);
  });
});

describe('bounds', () => {
  const head = 'project: a/b\nbuild: 1\n';

  test('at most a thousand jobs', () => {
    const jobs = (count: number): string =>
      `${head}nodes: a\njobs:\n${Array.from({ length: count }, (_, index) => `  j${index}: {steps: [x]}\n`).join('')}`;
    expect(parseJobFile(jobs(1000), 'job.yaml', {}).jobs).toHaveLength(1000);
    expect(complaints(jobs(1001))).toEqual(['job.yaml:5:3  jobs: has 1001 entries; 1000 are the most']);
    const matrix = `matrix: {n: [${Array.from({ length: 600 }, (_, index) => index).join(',')}]}`;
    expect(complaints(`${head}nodes: a\njobs:\n  a: {steps: [x], ${matrix}}\n  b: {steps: [x], ${matrix}}\n`)).toEqual([
      'job.yaml:1:1  jobs.b: the file makes more than 1000 jobs',
    ]);
  });

  test.each([
    ['a file', `# ${'x'.repeat(256 * 1024)}\n`, 'the file is too large: 262144 bytes are the most'],
    [
      'a script',
      `${head}nodes: a\nsteps: ["${'x'.repeat(120 * 1024 + 1)}"]\n`,
      'is too long: 122880 characters are the most',
    ],
    [
      'a script in bytes',
      `${head}nodes: a\nsteps: ["${'é'.repeat(61 * 1024)}"]\n`,
      'the script has 124928 bytes, and 122880',
    ],
    [
      'a plan',
      `${head}nodes: a\nsteps: ["${'x'.repeat(100_000)}"]\nmatrix: {n: [${Array.from({ length: 900 }, (_, i) => i).join(',')}]}\n`,
      'is too large, all jobs written out',
    ],
    [
      'values times combinations',
      `${head}nodes: a\nsteps: [${'x,'.repeat(99)}x]\nartifacts: &b [${'y,'.repeat(199)}y]\nresults: [${'z,'.repeat(190)}z]\nenv: {${Array.from({ length: 199 }, (_, i) => `e${i}: 1`).join(', ')}}\nmatrix: {n: [${Array.from({ length: 900 }, (_, i) => i).join(',')}]}\n`,
      'is too large for so many combinations of its matrix',
    ],
    [
      'what is substituted',
      `${head}nodes: a\nsteps: [x]\nenv: {A: "${'${BIG}'.repeat(3)}"}\n`,
      'is too long: 65536 characters are the most',
    ],
    [
      'the environment of a run',
      `${head}nodes: a\nsteps: [x]\nenv: {${Array.from({ length: 20 }, (_, i) => `e${i}: "\${BIG}"`).join(', ')}}\n`,
      'env: is too large: 524288 characters are the most',
    ],
  ])('%s', (_name, text, problem) => {
    const found = complaints(text, { BIG: 'x'.repeat(32_000) });
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n').length).toBeLessThan(1000);
  });
});

describe('properties', () => {
  const pieces = fc.constantFrom(
    ...[
      'project',
      'build',
      'nodes',
      'steps',
      'matrix',
      'exclude',
      'jobs',
      'after',
      'run',
      'env',
      'a',
      '&&',
      '||',
      '!',
      '(',
    ],
    ...[
      '\n',
      '\n  ',
      '\n- ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '&a ',
      '*a',
      '"',
      '|',
      '5',
      '5s',
      '${A}',
      '${',
      '<<',
      '__proto__',
    ],
  );
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom(FULL, ...BROKEN_JOB_FILES.map(({ text }) => text)), fc.nat(300), fc.nat(20), pieces)
      .map(([text, from, length, piece]) => text.slice(0, from) + piece + text.slice(from + length)),
    fc
      .record({
        project: fc.constantFrom('a/b', 'acme/widget/deep'),
        build: fc.string({ minLength: 1, maxLength: 9 }),
        nodes: fc.constantFrom('a', 'a && !b', '${x}'),
        steps: fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { minLength: 1, maxLength: 3 }),
        matrix: fc.record({ x: fc.uniqueArray(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 3 }) }),
        env: fc.dictionary(fc.constantFrom('A', '__proto__', 'constructor'), fc.string()),
      })
      .map((file) => JSON.stringify(file)),
  );

  test('any text gives a plan that can be stored, or GC1601', () => {
    let plans = 0;
    fc.assert(
      fc.property(anyText, (text) => {
        let plan: SubmissionPlan;
        try {
          plan = parseJobFile(text, 'job.yaml', { A: 'a', GIT_COMMIT: 'c' });
        } catch (error) {
          expect(error).toBeInstanceOf(GroundcrewError);
          expect(error).toMatchObject({ code: 'GC1601' });
          return;
        }
        plans += 1;
        expect(new Set(plan.jobs.map((job) => JSON.stringify([job.name, job.environment]))).size).toBe(
          plan.jobs.length,
        );
        const names = new Set(plan.jobs.map((job) => job.name));
        for (const job of plan.jobs) {
          parseExpression(job.expression);
          for (const name of job.after) expect(names).toContain(name);
        }
        const stored = JSON.stringify(plan);
        expect(JSON.parse(stored)).toEqual(plan);
        expect(stored).not.toContain('\\u0000');
        expect(stored.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(plans).toBeGreaterThan(20);
  });

  test('a matrix has as many jobs as its axes make, without what is excluded', () => {
    const axis = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(axis, axis, fc.nat(), fc.nat(), (first, second, left, right) => {
        const exclude = { first: first[left % first.length], second: second[right % second.length] };
        const file = {
          project: 'a/b',
          build: '1',
          nodes: 'x',
          steps: ['y'],
          matrix: { first, second, exclude: [exclude] },
        };
        const product = first.length * second.length;
        if (product === 1) return;
        const plan = parseJobFile(JSON.stringify(file), 'job.yaml', {});
        expect(plan.jobs).toHaveLength(product - 1);
        expect(plan.jobs.map((job) => job.name)).not.toContain(`main (${exclude.first}, ${exclude.second})`);
      }),
    );
  });
});

test('editors take what we take', () => {
  const published = publishDocument(jobFileSection, 'Groundcrew job file');
  expect(JSON.parse(JSON.stringify(published))).toEqual(published);
  expect(Check(published, parse(FULL))).toBe(true);
  const jobs = {
    build: { steps: ['make'], matrix: { arch: ['x86'], exclude: [] } },
    test: { steps: [{ run: 'x' }], after: 'build', nodes: 'b' },
  };
  expect(Check(published, { project: 'a/b', build: 1, nodes: 'a', jobs })).toBe(true);
  for (const wrong of [{ steps: [] }, { nodes: [] }, { projekt: 1 }, { timeout: 5 }, { jobs: { a: { stepz: [] } } }]) {
    expect(Check(published, { ...(parse(FULL) as object), ...wrong })).toBe(false);
  }
});
