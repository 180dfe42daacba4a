import { amount, count, duration, listOf, mapOf, optional, section, size, text } from '../schema/kinds.ts';
import { LABEL_TEXT, VARIABLE_KEY } from './names.ts';
import { checkList, taskList } from './preflight.ts';

/** Keys that a provider has whatever its driver. */
export const providerProperties = {
  limits: section(
    {
      nodes: optional(count({ description: 'Machines at once.', minimum: 0, maximum: 1_000_000 })),
      cores: optional(
        amount({
          description:
            'Cores of all nodes together: those that their node types say in `limits.cores`. A node type that says none counts as nothing.',
          minimum: 0.01,
          maximum: 10_000_000,
        }),
      ),
      memory: optional(
        size({
          description:
            'Memory of all nodes together: what their node types say in `limits.memory`. A node type that says none counts as nothing.',
          examples: ['768GiB'],
        }),
      ),
    },
    { description: 'How much of the provider is used at most. What is left out is not limited.', default: {} },
  ),
};

/** Keys that a node type has whatever its driver; `limits` is for the driver to complete. */
export const nodeTypeProperties = {
  name: optional(
    text({
      description: 'What the node type is called; its labels joined by `-` unless told. Unique within its provider.',
      ...LABEL_TEXT,
    }),
  ),
  labels: listOf(
    text({ description: 'A label.', lenient: true, ...LABEL_TEXT, examples: ['jammy', 'x86_64', 'python3.12'] }),
    {
      description: 'What its nodes carry; work asks for nodes by label.',
      minimum: 1,
      maximum: 100,
      single: true,
    },
  ),
  boot_timeout: duration({
    description: 'A node that is not ready this long after its launch is given up and replaced.',
    default: '10m',
    minimum_ms: 1000,
  }),
  preflight: taskList,
  builtin_checks: optional(checkList),
  env: mapOf(
    text({
      description: 'A value.',
      lenient: true,
      minimum_characters: 0,
      maximum_characters: 32_768,
    }),
    { description: 'Environment variables of every run on its nodes.', default: {}, maximum: 200, ...VARIABLE_KEY },
  ),
};

/** How many nodes of a node type there may be. */
export const nodesLimit = optional(
  count({ description: 'Machines of this type at once.', minimum: 0, maximum: 1_000_000 }),
);

/** A provider whose driver is not known: what can be said of it all the same. */
export const anyProvider = section(
  {
    ...providerProperties,
    nodes: listOf(
      section(
        {
          ...nodeTypeProperties,
          limits: section({ nodes: nodesLimit }, { description: 'Limits.', default: {}, open: true }),
        },
        { description: 'A node type.', open: true },
      ),
      { description: 'Its node types.', default: [], maximum: 1000 },
    ),
  },
  { description: 'A provider.', open: true },
);
