// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.

/** A broken job file and everything that is said about it. */
export interface BrokenJobFile {
  name: string;
  text: string;
  variables?: Record<string, string>;
  says: string[];
}

const HEAD = 'project: acme/widget\nbuild: "1"\n';
const REST = 'nodes: jammy\nsteps: [npm test]\n';

/** Texts of `job.yaml`. */
export const BROKEN_JOB_FILES: readonly BrokenJobFile[] = [
  {
    name: 'an operator too many',
    text: `${HEAD}nodes: jammy && && x86_64\nsteps: [npm test]\n`,
    says: [
      'job.yaml:3:8  nodes: expected a label or "(" after "&&"',
      '              jammy && && x86_64',
      '                       ^^',
    ],
  },
  {
    name: 'an expression with a matrix value',
    text: `${HEAD}matrix: {environment: [jammy, "noble ||"]}\nnodes: \${environment} && x86_64\nsteps: [npm test]\n`,
    says: [
      'job.yaml:4:8  nodes: expected a label or "(" after "||"',
      '              noble || && x86_64',
      '                       ^^',
    ],
  },
  {
    name: 'a negation that YAML takes for a tag',
    text: `${HEAD}nodes: !arm && x86_64\nsteps: [npm test]\n`,
    says: ['job.yaml:3:8  a value that begins with ! is a tag in YAML; put text in quotes: "!arm && x86_64"'],
  },
  {
    name: 'an expression that YAML takes for an anchor',
    text: `${HEAD}nodes: && x86_64\nsteps: [npm test]\n`,
    says: ['job.yaml:3:8  a value that begins with & is an anchor in YAML; put text in quotes: "&& x86_64"'],
  },
  {
    name: 'a glob that YAML takes for an alias',
    text: `${HEAD}${REST}artifacts: [coverage/**, *.log]\n`,
    says: ['job.yaml:5:26  there is no anchor &.log above; put text that begins with * in quotes: "*.log"'],
  },
  {
    name: 'nothing',
    text: '',
    says: ['job.yaml:1:1  the key "project" is missing', 'job.yaml:1:1  the key "build" is missing'],
  },
  { name: 'no steps', text: `${HEAD}nodes: jammy\n`, says: ['job.yaml:1:1  the key "steps" is missing'] },
  {
    name: 'an empty list of steps',
    text: `${HEAD}nodes: jammy\nsteps: []\n`,
    says: ['job.yaml:4:8  steps: is empty; 1 is the least'],
  },
  {
    name: 'a misspelled key',
    text: `${HEAD}${REST}artefacts: [a]\n`,
    says: ['job.yaml:5:1  artefacts: unknown key. Did you mean "artifacts"?'],
  },
  {
    name: 'a project without a group',
    text: `project: widget\nbuild: 1\n${REST}`,
    says: ['job.yaml:1:10  project: "widget" is not of the form group/project: lower-case letters, digits and . _ ~ -'],
  },
  {
    name: 'a variable that is not set',
    text: `project: acme/widget\nbuild: \${GIT_COMMIT}\n${REST}`,
    says: [
      'job.yaml:2:8  build: ${GIT_COMMIT} is not set in the environment. Set it, pass --var GIT_COMMIT=…, or give a default: ${GIT_COMMIT:-default}',
    ],
  },
  {
    name: 'a misspelled axis',
    text: `${HEAD}matrix: {python: [3.12]}\nnodes: python\${pyton}\nsteps: [npm test]\n`,
    says: ['job.yaml:4:14  nodes: ${pyton} is not set in the matrix or the environment. Did you mean ${python}?'],
  },
  {
    name: 'an empty variable where text is wanted',
    text: `project: acme/widget\nbuild: \${GIT_COMMIT}\n${REST}`,
    variables: { GIT_COMMIT: '' },
    says: ['job.yaml:2:8  build: the value of ${GIT_COMMIT} is empty'],
  },
  {
    name: 'a step that is no step',
    text: `${HEAD}nodes: jammy\nsteps:\n  - npm ci\n  - [npm, test]\n  - name: only\n`,
    says: [
      'job.yaml:6:5  steps[1]: expected text or a map, not a list',
      'job.yaml:7:5  steps[2]: the key "run" is missing',
    ],
  },
  {
    name: 'a misspelled key of a step',
    text: `${HEAD}nodes: jammy\nsteps:\n  - {run: npm ci, timout: 5m}\n`,
    says: ['job.yaml:5:19  steps[0].timout: unknown key. Did you mean "timeout"?'],
  },
  {
    name: 'a timeout without a unit',
    text: `${HEAD}nodes: jammy\nsteps:\n  - {run: npm ci, timeout: 20}\ntimeout: 90 minutes\n`,
    says: [
      'job.yaml:5:28  steps[0].timeout: "20" needs a unit: 500ms, 5s, 2m',
      'job.yaml:6:10  timeout: "90 minutes" is no time. Did you mean "90m"?',
    ],
  },
  {
    name: 'a step without an end',
    text: `${HEAD}${REST}timeout: 30d\n`,
    says: ['job.yaml:5:10  timeout: "30d" is too long; 7 d is the most'],
  },
  {
    name: 'a hold without a time',
    text: `${HEAD}${REST}on_failure: hold\n`,
    says: ['job.yaml:5:13  on_failure: expected a map, not "hold"'],
  },
  {
    name: 'a hold that is too short',
    text: `${HEAD}${REST}on_failure: {hold: 5s}\n`,
    says: ['job.yaml:5:20  on_failure.hold: "5s" is too short; 1 min is the least'],
  },
  {
    name: 'sources from elsewhere',
    text: `${HEAD}${REST}checkout: {git: "https://example.org/x"}\n`,
    says: ['job.yaml:5:11  checkout: expected a directory, such as "."; other sources, such as {git: …}, come later'],
  },
  {
    name: 'an absolute path',
    text: `${HEAD}${REST}results: [/tmp/junit.xml]\nartifacts: [../log]\n`,
    says: [
      'job.yaml:5:11  results[0]: "/tmp/junit.xml" begins with /; paths are relative to the working directory',
      'job.yaml:6:13  artifacts[0]: "../log" leads out of the working directory',
    ],
  },
  {
    name: 'a glob that stands for too many',
    text: `${HEAD}${REST}results: ["{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}.xml"]\n`,
    says: [
      'job.yaml:5:11  results[0]: "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}.xml" stands for more than 256 alternatives',
    ],
  },
  {
    name: 'an unknown format',
    text: `${HEAD}${REST}results: [{path: a.xml, format: junt}]\n`,
    says: ['job.yaml:5:33  results[0].format: "junt" is not one of auto, junit. Did you mean "junit"?'],
  },
  {
    name: 'an axis without values',
    text: `${HEAD}${REST}matrix: {environment: []}\n`,
    says: ['job.yaml:5:23  matrix.environment: is empty; 1 is the least'],
  },
  {
    name: 'an axis with a value twice',
    text: `${HEAD}${REST}matrix: {environment: [jammy, noble, jammy]}\n`,
    says: ['job.yaml:5:23  matrix.environment: has the value "jammy" twice'],
  },
  {
    name: 'an axis that a shell needs',
    text: `${HEAD}${REST}matrix: {PATH: [a]}\n`,
    says: ['job.yaml:5:10  matrix.PATH: is a variable that a run needs itself; choose another name'],
  },
  {
    name: 'a variable that is the run’s own',
    text: `${HEAD}${REST}env: {GROUNDCREW_RUN: "1", GROUNDCREW: fine}\n`,
    says: [
      'job.yaml:5:7  env: "GROUNDCREW_RUN" is not the name of an environment variable: letters, digits and _, not beginning with a digit; those that begin with GROUNDCREW_ are set by the run itself',
    ],
  },
  {
    name: 'an axis that is no variable',
    text: `${HEAD}${REST}matrix: {python-version: ["3.12"]}\n`,
    says: [
      'job.yaml:5:10  matrix: "python-version" is not the name of an axis: letters, digits and _, not beginning with a digit',
    ],
  },
  {
    name: 'a list as matrix',
    text: `${HEAD}${REST}matrix: [jammy, noble]\n`,
    says: ['job.yaml:5:9  matrix: expected a map, not a list'],
  },
  {
    name: 'an exclusion of what is not there',
    text: `${HEAD}${REST}matrix:\n  environment: [jammy, noble]\n  exclude:\n    - {enviroment: jammy}\n    - {environment: noblee}\n    - {environment: bionic}\n`,
    says: [
      'job.yaml:8:8  matrix.exclude[0].enviroment: the matrix has no such axis. Did you mean "environment"?',
      'job.yaml:9:8  matrix.exclude[1].environment: the axis has no value "noblee". Did you mean "noble"?',
      'job.yaml:10:8 matrix.exclude[2].environment: the axis has no value "bionic". It has 2 others.',
    ],
  },
  {
    name: 'an exclusion of everything',
    text: `${HEAD}${REST}matrix: {environment: [jammy], exclude: [{environment: jammy}]}\n`,
    says: ['job.yaml:5:9  matrix: excludes every combination, so no job is left'],
  },
  {
    name: 'too many combinations',
    text: `${HEAD}${REST}matrix:\n${['a', 'b', 'c', 'd'].map((axis) => `  ${axis}: [1, 2, 3, 4, 5, 6]\n`).join('')}`,
    says: ['job.yaml:6:3  matrix: makes 1296 jobs; 1000 are the most'],
  },
  {
    name: 'two combinations of one name',
    text: `${HEAD}${REST}matrix: {a: ["1", "1, 2"], b: ["2, 3", "3"]}\n`,
    says: [
      'job.yaml:1:1  two combinations of its matrix are both called "main (1, 2, 3)" in the environment "default"',
    ],
  },
  {
    name: 'jobs in a circle',
    text: `${HEAD}nodes: jammy\njobs:\n  lint: {steps: [a]}\n  build: {steps: [a], after: [test, lint]}\n  test: {steps: [a], after: pack}\n  pack: {steps: [a], after: [build]}\n`,
    says: ['job.yaml:6:30  jobs.build.after: jobs come after each other in a circle: build → test → pack → build'],
  },
  {
    name: 'a job after itself',
    text: `${HEAD}nodes: jammy\njobs:\n  build: {steps: [a], after: build}\n`,
    says: ['job.yaml:5:30  jobs.build.after: jobs come after each other in a circle: build → build'],
  },
  {
    name: 'an unknown job',
    text: `${HEAD}nodes: jammy\njobs:\n  build: {steps: [a]}\n  test: {steps: [a], after: [biuld, build]}\n  pack: {steps: [a], after: everything}\n`,
    says: [
      'job.yaml:6:30  jobs.test.after[0]: there is no job "biuld". Did you mean "build"?',
      'job.yaml:7:29  jobs.pack.after: there is no job "everything" in this file',
    ],
  },
  {
    name: 'a job twice',
    text: `${HEAD}nodes: jammy\njobs:\n  build: {steps: [a]}\n  build: {steps: [b]}\n`,
    says: ['job.yaml:6:3  the key "build" is already given on line 5'],
  },
  {
    name: 'steps beside jobs',
    text: `${HEAD}${REST}jobs:\n  build: {steps: [a]}\n`,
    says: ['job.yaml:4:1  steps: belongs to a job; put it below "jobs"'],
  },
  {
    name: 'no jobs below jobs',
    text: `${HEAD}nodes: jammy\njobs:\n`,
    says: ['job.yaml:4:6  jobs: is empty; name at least one job'],
  },
  {
    name: 'a job with a space',
    text: `${HEAD}nodes: jammy\njobs:\n  "my job": {steps: [a]}\n`,
    says: [
      'job.yaml:5:3  jobs: "my job" is not the name of a job: letters, digits and . _ -, beginning with a letter or a digit',
    ],
  },
  {
    name: 'a default that is wrong for every job',
    text: `${HEAD}nodes: jammy &\njobs:\n  build: {steps: [a]}\n  test: {steps: [a]}\n`,
    says: [
      'job.yaml:3:8  nodes: a single "&" means nothing; write "&&"',
      '              jammy &',
      '                    ^',
    ],
  },
  {
    name: 'retries in words',
    text: `${HEAD}${REST}retries: twice\n`,
    says: ['job.yaml:5:10  retries: expected a whole number, not "twice"'],
  },
  {
    name: 'a variable with a dash',
    text: `${HEAD}${REST}env: {MY-NAME: a}\n`,
    says: [
      'job.yaml:5:7  env: "MY-NAME" is not the name of an environment variable: letters, digits and _, not beginning with a digit; those that begin with GROUNDCREW_ are set by the run itself',
    ],
  },
  {
    name: 'a configuration',
    text: 'labels: {jammy: {ready: 1}}\nproviders: {}\n',
    says: [
      'job.yaml:1:1  this looks like a configuration (labels, providers), not like a job file. Check it: groundcrew config check job.yaml; start a server with it: groundcrew server --config job.yaml',
    ],
  },
  {
    name: 'a misspelled matrix, and what can be known without it',
    text: `${HEAD}matrx: {py: [1, 2]}\nnodes: "\${py} && \${NOPE}"\nenv: {A: "\${py", B: "\${py}"}\nsteps: []\ntimout: 5m\ntimeout: "\${py:-5}"\non_failure: {hold: 8 hours}\n`,
    says: [
      'job.yaml:3:1  matrx: unknown key. Did you mean "matrix"?',
      'job.yaml:5:11 env.A: this ${ is never closed with }',
      'job.yaml:6:8  steps: is empty; 1 is the least',
      'job.yaml:7:1  timout: unknown key. Did you mean "timeout"?',
      'job.yaml:9:20 on_failure.hold: "8 hours" is no time. Did you mean "8h"?',
    ],
  },
  {
    name: 'a broken matrix and a broken step',
    text: `${HEAD}nodes: jammy\nmatrix: {environment: []}\nsteps:\n  - {run: make, timout: 5m}\n`,
    says: [
      'job.yaml:4:23  matrix.environment: is empty; 1 is the least',
      'job.yaml:6:17  steps[0].timout: unknown key. Did you mean "timeout"?',
    ],
  },
  {
    name: 'everything at once',
    text: 'projekt: acme/widget\nbuild: ${NOPE}\nnodes: jammy noble\nsteps:\n  - {run: make, timeout: 5}\n  - {rum: make}\nretries: 99\n',
    says: [
      'job.yaml:1:1  projekt: unknown key. Did you mean "project"?',
      'job.yaml:2:8  build: ${NOPE} is not set in the environment. Set it, pass --var NOPE=…, or give a default: ${NOPE:-default}',
      'job.yaml:3:8  nodes: expected "&&" or "||" between "jammy" and "noble"',
      '              jammy noble',
      '                    ^^^^^',
      'job.yaml:5:26 steps[0].timeout: "5" needs a unit: 500ms, 5s, 2m',
      'job.yaml:6:6  steps[1].rum: unknown key. Did you mean "run"?',
      'job.yaml:7:10 retries: the number 99 is too large; 10 is the most',
    ],
  },
];
