// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { type Static, Type } from 'typebox';
import { FORMATS } from '../../formats/all.ts';
import { markerLines } from '../../labels/marker.ts';
import { readExpression } from '../../labels/parser.ts';
import { globProblem } from '../../protocol/glob.ts';
import { count, duration, later, listOf, mapOf, optional, plainOr, section, text, word } from '../../schema/kinds.ts';
import { publishSchema } from '../../schema/publish.ts';

/** A script is one argument of a command, and Linux takes no longer one. */
const MAX_SCRIPT_BYTES = 120 * 1024;

const VARIABLE = {
  key_pattern: '[A-Za-z_][A-Za-z0-9_]*',
  name: 'the name of an environment variable',
  wants: 'letters, digits and _, not beginning with a digit',
} as const;

/** What a run tells its steps about itself and its node is not to be overwritten. */
const OWN_VARIABLE = {
  ...VARIABLE,
  key_pattern: `(?!GROUNDCREW_)${VARIABLE.key_pattern}`,
  wants: `${VARIABLE.wants}; those that begin with GROUNDCREW_ are set by the run itself`,
} as const;

const JOB_NAME = {
  key_pattern: '[A-Za-z0-9][A-Za-z0-9._-]*',
  name: 'the name of a job',
  wants: 'letters, digits and . _ -, beginning with a letter or a digit',
} as const;

const ENVIRONMENT = {
  pattern: '[A-Za-z0-9][A-Za-z0-9._+/ -]*',
  wants: 'the name of an environment: letters, digits, spaces and . _ + / -',
  maximum_characters: 100,
} as const;

function checkExpression(expression: string) {
  const read = readExpression(expression);
  if (read.ok) return null;
  const { message, start, end } = read.problem;
  return { message, excerpt: markerLines(expression, start, end) };
}

function checkScript(script: string) {
  const size = Buffer.byteLength(script);
  if (size <= MAX_SCRIPT_BYTES) return null;
  return {
    message: `the script has ${size} bytes, and ${MAX_SCRIPT_BYTES} are the most; put it in a file and call that`,
  };
}

function checkGlob(glob: string) {
  if (glob.startsWith('/')) return { message: `"${glob}" begins with /; paths are relative to the working directory` };
  if (glob.split('/').includes('..')) return { message: `"${glob}" leads out of the working directory` };
  const problem = globProblem(glob);
  return problem === null ? null : { message: `"${glob.length > 80 ? `${glob.slice(0, 80)}…` : glob}" ${problem}` };
}

const script = {
  description:
    'A script for `sh -e`. `${…}` in it is the shell’s; it finds the matrix’s values and `env` as variables.',
  verbatim: true,
  maximum_characters: MAX_SCRIPT_BYTES,
  check: checkScript,
  examples: ['npm ci'],
};

const variables = mapOf(
  text({ description: 'A value.', lenient: true, minimum_characters: 0, maximum_characters: 32_768 }),
  { description: 'Environment variables.', default: {}, maximum: 200, ...OWN_VARIABLE },
);

const step = plainOr(
  text(script),
  section(
    {
      name: optional(
        text({ description: 'What it is called; the first line of its script unless told.', maximum_characters: 200 }),
      ),
      run: text(script),
      timeout: duration({
        description: 'It is ended when it takes longer.',
        default: '1h',
        minimum_ms: 1000,
        maximum_ms: 7 * 86_400_000,
      }),
      env: variables,
    },
    { description: 'A script with settings.' },
  ),
  { description: 'One step: a script, or a script with settings. The first that fails ends the job.' },
);

/** Formats as job files name them. */
const FORMAT_WORDS = ['auto', ...FORMATS.map(({ name }) => name)];

const glob = text({
  description: 'A path in the working directory; `*`, `**`, `?`, `[…]` and `{a,b}` as in a shell.',
  check: checkGlob,
  examples: ['junit.xml', 'coverage/**'],
});

const result = plainOr(
  glob,
  section(
    {
      path: glob,
      format: word(FORMAT_WORDS, { description: 'Its format; `auto`: what each file looks like.', default: 'auto' }),
    },
    { description: 'Results with their format.' },
  ),
  { description: 'Files with results.' },
);

const failure = section(
  {
    hold: duration({
      description: 'How long the node of a failed run is kept for a person.',
      minimum_ms: 60_000,
      maximum_ms: 30 * 86_400_000,
      examples: ['8h'],
    }),
    keys: listOf(text({ description: 'A person; `me` is who submits.', maximum_characters: 200 }), {
      description:
        'Whose the held node is: the first owns the hold, `me` unless told. No SSH key is let in yet: the owner and operators enter with `groundcrew node shell`.',
      default: [],
      maximum: 50,
      single: true,
    }),
  },
  { description: 'What happens to the node of a failed run.' },
);

const matrixValue = text({ description: 'A value.', lenient: true, maximum_characters: 200 });

/** The axes of a matrix. */
export const matrixAxes = mapOf(
  listOf(matrixValue, { description: 'Its values.', minimum: 1, maximum: 1000, single: true }),
  { description: 'Axes.', maximum: 20, ...VARIABLE, name: 'the name of an axis' },
);

/** Combinations that are left out. */
export const matrixExclude = listOf(
  mapOf(matrixValue, { description: 'A combination.', maximum: 20, ...VARIABLE, name: 'the name of an axis' }),
  { description: 'Combinations that are left out; axes that one does not name may have any value.', maximum: 1000 },
);

const matrixPublished = Type.Unsafe({
  'x-kind': 'raw',
  'x-raw': { ...publishSchema(matrixAxes), properties: { exclude: publishSchema(matrixExclude) } },
});

const environmentKey = optional(
  text({
    description: 'Where the job runs, in results: the matrix’s `environment` unless told, else `default`.',
    lenient: true,
    ...ENVIRONMENT,
  }),
);

const afterKey = listOf(text({ description: 'The name of a job.', maximum_characters: 200 }), {
  description: 'Jobs that must have passed before this one starts, in all combinations of their matrix.',
  default: [],
  maximum: 1000,
  single: true,
});

const stepsKey = listOf(step, { description: 'What is done, in order.', minimum: 1, maximum: 100 });

/** What a job of a file with `jobs` takes from the top when it does not say it itself. */
const sharedProperties = {
  nodes: text({
    description: 'What the node must carry: labels joined by `&&`, `||`, `!` and parentheses.',
    lenient: true,
    check: checkExpression,
    examples: ['jammy && !arm'],
  }),
  matrix: optional(
    later({
      description:
        'Multiplies the job: one for each combination of the values. `${axis}` stands for the value everywhere in the job.',
      published: matrixPublished,
    }),
  ),
  environment: environmentKey,
  env: variables,
  results: listOf(result, {
    description: 'Files with results. A test that is in more than one of them was tried again.',
    default: [],
    maximum: 200,
    single: true,
  }),
  artifacts: listOf(glob, {
    description: 'Files that are kept.',
    default: [],
    maximum: 200,
    single: true,
  }),
  timeout: duration({
    description: 'The job is ended when it takes longer.',
    default: '1h',
    minimum_ms: 1000,
    maximum_ms: 7 * 86_400_000,
  }),
  retries: count({
    description: 'How often it is tried again on another node when its node failed, not its tests.',
    default: 2,
    minimum: 0,
    maximum: 10,
  }),
  on_failure: optional(failure),
};

/** One job, whatever the form of the file. */
export const jobSection = section(
  { ...sharedProperties, steps: stepsKey, after: afterKey },
  { description: 'One job.' },
);

export type JobFileJob = Static<typeof jobSection>;

export const SHARED_KEYS: readonly string[] = Object.keys(sharedProperties);

/** A job below `jobs`, as it is written: what it does not say comes from the top. */
const writtenJob = section(
  { ...sharedProperties, nodes: optional(sharedProperties.nodes), steps: stepsKey, after: afterKey },
  { description: 'One job.' },
);

/** Looked at later, with the substitutions of each combination. */
function perJob(schema: Parameters<typeof publishSchema>[0]) {
  const { description = '' } = schema as { description?: string };
  return optional(later({ description, published: schema }));
}

/** The whole file. The job's keys are at the top, or below `jobs` for several. */
export const jobFileSection = section(
  {
    project: text({
      description: 'What is tested: `group/project`, in lower case.',
      pattern: '[a-z0-9][a-z0-9._~-]*(/[a-z0-9][a-z0-9._~-]*)+',
      wants: 'of the form group/project: lower-case letters, digits and . _ ~ -',
      maximum_characters: 200,
      examples: ['acme/widget'],
    }),
    build: text({
      description: 'The version under test.',
      lenient: true,
      maximum_characters: 200,
      pattern: '[^\\p{C}]+',
      wants: 'on one line',
      examples: ['${GIT_COMMIT}'],
    }),
    checkout: optional(
      text({
        description:
          'The directory whose files each job begins with, relative to where the job is submitted. In a git work tree: what git tracks, with edits that are not committed, and what is new and not ignored (an untracked `.env`, too); ignored files are left out.',
        maximum_characters: 4096,
        instead: () => 'expected a directory, such as "."; other sources, such as {git: …}, come later',
        examples: ['.'],
      }),
    ),
    name: text({
      description: 'What the one job is called.',
      default: 'main',
      pattern: JOB_NAME.key_pattern,
      wants: `the name of a job: ${JOB_NAME.wants}`,
      maximum_characters: 100,
    }),
    nodes: perJob(sharedProperties.nodes),
    matrix: sharedProperties.matrix,
    environment: perJob(sharedProperties.environment),
    env: perJob(sharedProperties.env),
    steps: perJob(stepsKey),
    results: perJob(sharedProperties.results),
    artifacts: perJob(sharedProperties.artifacts),
    timeout: perJob(sharedProperties.timeout),
    retries: perJob(sharedProperties.retries),
    on_failure: perJob(sharedProperties.on_failure),
    jobs: optional(
      mapOf(later({ description: 'A job.', published: writtenJob }), {
        description:
          'Several jobs by name, each with the keys above. What stands at the top is the default of each; `steps` and `after` belong to the jobs.',
        maximum: 1000,
        ...JOB_NAME,
      }),
    ),
  },
  { description: 'A job file: what to do, on which nodes, and what to bring back.' },
);
