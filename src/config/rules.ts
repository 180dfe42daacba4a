import { nearest } from '../base/suggest.ts';
import type { ProviderFile } from './drivers/all.ts';
import { nodeTypeName } from './resolve.ts';
import type { ConfigFile } from './schema.ts';
import { formatPath } from './typed/path.ts';
import type { ValidateContext } from './typed/validate.ts';
import { countOf } from './yaml/problems.ts';
import { childOf, type Tree } from './yaml/tree.ts';

/** What the schema cannot say: rules between settings, each told at its place. */
export function checkRules(
  tree: Tree,
  values: ConfigFile,
  providers: ReadonlyMap<string, ProviderFile>,
  context: ValidateContext,
): void {
  const { problems } = context;
  if (values.blobs.directory !== undefined && values.blobs.s3 !== undefined) {
    problems.add((childOf(tree, 'blobs') as Tree).place, 'blobs', 'has both "directory" and "s3"; keep one');
  }
  for (const [name, provider] of providers) {
    const here = childOf(childOf(tree, 'providers') as Tree, name) as Tree;
    checkNodeTypes(name, here, provider, context);
  }
  if (Object.keys(values.providers).length === 0 && !problems.failed) {
    problems.add(tree.place, 'providers', 'there are none, so no node ever comes', { severity: 'warning' });
  }
  if (!problems.failed) warnOfLabels(tree, values, providers, context);
}

function checkNodeTypes(name: string, tree: Tree, provider: ProviderFile, { problems }: ValidateContext): void {
  if (provider.nodes.length === 0) {
    const message = 'has no node types under "nodes", so no node ever comes from it';
    problems.add(tree.place, formatPath(['providers', name]), message, { severity: 'warning' });
  }
  const seen = new Map<string, number>();
  for (const [index, type] of provider.nodes.entries()) {
    const type_name = nodeTypeName(type);
    const earlier = seen.get(type_name);
    seen.set(type_name, earlier ?? index);
    if (earlier === undefined) continue;
    const nodes = childOf(tree, 'nodes');
    const place = nodes?.kind === 'list' ? nodes.items[index]?.place : undefined;
    const message = `is called "${type_name}" like nodes[${earlier}]; give one of them another "name"`;
    problems.add(place ?? tree.place, formatPath(['providers', name, 'nodes', index]), message);
  }
}

function warnOfLabels(
  tree: Tree,
  values: ConfigFile,
  providers: ReadonlyMap<string, ProviderFile>,
  { problems }: ValidateContext,
): void {
  const carried = new Set([...providers.values()].flatMap(({ nodes }) => nodes.flatMap((type) => type.labels)));
  const labels = childOf(tree, 'labels');
  for (const entry of labels?.kind === 'map' ? labels.entries : []) {
    if (carried.has(entry.key)) continue;
    const ready = values.labels[entry.key]?.ready ?? 0;
    const effect = ready === 0 ? '' : `, so its ${countOf(ready, 'ready node')} never come${ready === 1 ? 's' : ''}`;
    const meant = nearest(entry.key, carried);
    const message = `no node type carries this label${effect}.${meant === null ? '' : ` Did you mean "${meant}"?`}`;
    problems.add(entry.key_place, formatPath(['labels', entry.key]), message, { severity: 'warning' });
  }
}
