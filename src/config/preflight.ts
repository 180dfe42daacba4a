// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import type { Static } from 'typebox';
import type { TaskSpec } from '../protocol/agent.ts';
import { count, duration, listOf, optional, section, text, word } from '../schema/kinds.ts';

/** Checks that the agent brings. */
export const BUILTIN_CHECKS = ['workspace', 'disk', 'network', 'clock'] as const;
const BUILTIN_TIMEOUT_MS = 10_000;

const checkWord = word(BUILTIN_CHECKS, { description: 'A check that the agent brings.' });

const taskSection = section(
  {
    name: text({ description: 'What it is called in reports.', maximum_characters: 100 }),
    run: text({
      description: 'A script for `sh -e` on the node. `${…}` in it is the shell’s.',
      verbatim: true,
      maximum_characters: 65_536,
      examples: ['test -x /usr/bin/git'],
    }),
    timeout: duration({ description: 'It fails when it takes longer.', default: '30s', minimum_ms: 100 }),
    tries: count({
      description: 'How often it is tried before the node counts as bad.',
      default: 1,
      minimum: 1,
      maximum: 10,
    }),
  },
  { description: 'A check of a node before it counts as ready.' },
);

/** Own checks, of everything or of one node type. */
export const taskList = listOf(taskSection, {
  description:
    'Checks of your own, after the built-in ones. A node that fails one is replaced and never seen by a job.',
  default: [],
  maximum: 100,
});

/** Which of the agent's checks are made. */
export const checkList = listOf(checkWord, {
  description: `The agent’s own checks to make: ${BUILTIN_CHECKS.join(', ')}. Left out: all of them; \`[]\`: none.`,
  maximum: 20,
});

/** The keys at the top of the file; a node type has the same ones, as additions. */
export const preflightProperties = { preflight: taskList, builtin_checks: optional(checkList) };

type Task = Static<typeof taskSection>;

/** The pre-flight of a node type: the agent's checks, the file's, its own. */
export function preflightOf(
  builtin: readonly (typeof BUILTIN_CHECKS)[number][],
  own: readonly (readonly Task[])[],
): TaskSpec[] {
  return [
    ...[...new Set(builtin)].map((name) => ({
      name,
      run: `builtin:${name}`,
      timeout_ms: BUILTIN_TIMEOUT_MS,
      tries: 1,
    })),
    ...own.flat().map(({ name, run, timeout, tries }) => ({ name, run, timeout_ms: timeout, tries })),
  ];
}
