import { nearest } from '../base/suggest.ts';
import { formatSize } from '../base/units.ts';
import { formatPath, type Path } from '../schema/path.ts';
import type { ValidateContext } from '../schema/validate.ts';
import { countOf } from '../schema/yaml/problems.ts';
import { childOf, type MapTree, type Place, type Tree } from '../schema/yaml/tree.ts';
import { figureOf, mostNodes } from './capacity.ts';
import type { ProviderFile } from './drivers.ts';
import { nodeTypeName } from './resolve.ts';
import type { ConfigFile } from './schema.ts';

/**
 * What the schema cannot say: rules between settings, each told at its place. `values`: undefined when something is
 * wrong with them; what can be said all the same is said.
 */
export function checkRules(
  tree: Tree,
  values: ConfigFile | undefined,
  providers: ReadonlyMap<string, ProviderFile>,
  context: ValidateContext,
): void {
  const { problems } = context;
  if (values?.blobs.directory !== undefined && values.blobs.s3 !== undefined) {
    problems.add((childOf(tree, 'blobs') as Tree).place, 'blobs', 'has both "directory" and "s3"; keep one');
  }
  for (const [name, provider] of providers) {
    const here = childOf(childOf(tree, 'providers') as Tree, name) as Tree;
    checkNodeTypes(name, here, provider, context);
    warnOfTooLarge(name, here, provider, context);
  }
  if (values !== undefined && Object.keys(values.providers).length === 0 && !problems.failed) {
    problems.add(tree.place, 'providers', 'there are none, so no node ever comes', { severity: 'warning' });
  }
  warnOfLabels(tree, providers, context);
  if (!problems.failed && values !== undefined) warnOfTargets(tree, values, providers, context);
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

/** Node types that ask for more than their provider has in all. */
function warnOfTooLarge(
  name: string,
  tree: Tree,
  { limits, nodes }: ProviderFile,
  { problems }: ValidateContext,
): void {
  const items = childOf(tree, 'nodes');
  for (const [index, type] of nodes.entries()) {
    for (const [key, show] of RESOURCES) {
      const asked = figureOf(type, key);
      const most = limits[key];
      if (asked === undefined || most === undefined || asked <= most) continue;
      const own = items?.kind === 'list' ? childOf(items.items[index] as Tree, 'limits') : null;
      const place = (own === null ? null : childOf(own, key))?.place ?? tree.place;
      const message = `${show(asked)} is more than the ${show(most)} that the provider allows in all, so no such node ever comes`;
      problems.add(place, formatPath(['providers', name, 'nodes', index, 'limits', key]), message, {
        severity: 'warning',
      });
    }
  }
}

const RESOURCES = [
  ['memory', formatSize],
  ['cores', (cores: number) => countOf(cores, 'core')],
] as const;

function warnOfLabels(tree: Tree, providers: ReadonlyMap<string, ProviderFile>, { problems }: ValidateContext): void {
  const carried = carriedLabels(tree, providers);
  const labels = childOf(tree, 'labels');
  if (carried === null || labels?.kind !== 'map') return;
  for (const { key, key_place, value } of labels.entries) {
    if (carried.has(key)) continue;
    const ready = readyOf(value);
    const effect = ready === 0 ? '' : `, so its ${countOf(ready, 'ready node')} never come${ready === 1 ? 's' : ''}`;
    const meant = nearest(key, carried);
    const message = `no node type carries this label${effect}.${meant === null ? '' : ` Did you mean "${meant}"?`}`;
    problems.add(key_place, formatPath(['labels', key]), message, { severity: 'warning' });
  }
}

/** As it is written; 0 when that is no number, which is told elsewhere or stands for a value from outside. */
function readyOf(label: Tree): number {
  const ready = childOf(label, 'ready');
  return ready?.kind === 'scalar' && typeof ready.value === 'number' ? ready.value : 0;
}

/** The labels of all node types, those of broken providers as they are written. Null when some cannot be known. */
function carriedLabels(tree: Tree, providers: ReadonlyMap<string, ProviderFile>): Set<string> | null {
  const carried = new Set<string>();
  const section = childOf(tree, 'providers');
  if (section !== null && section.kind !== 'map') return null;
  for (const { key, value } of section?.entries ?? []) {
    const found = providers.get(key)?.nodes.flatMap(({ labels }) => labels) ?? writtenLabels(value);
    if (found === null) return null;
    for (const label of found) carried.add(label);
  }
  return carried;
}

function writtenLabels(provider: Tree): string[] | null {
  const nodes = childOf(provider, 'nodes');
  if (provider.kind !== 'map' || (nodes !== null && nodes.kind !== 'list')) return null;
  const found: string[] = [];
  for (const type of nodes?.items ?? []) {
    const labels = childOf(type, 'labels');
    if (labels === null || labels.kind === 'map') return null;
    for (const label of labels.kind === 'list' ? labels.items : [labels]) {
      if (label.kind !== 'scalar' || label.broken || label.value === null || label.written.includes('$')) return null;
      found.push(label.written);
    }
  }
  return found;
}

/** Targets that the limits can never meet: of each label, and of all together where no node counts for two. */
function warnOfTargets(
  tree: Tree,
  values: ConfigFile,
  providers: ReadonlyMap<string, ProviderFile>,
  { problems }: ValidateContext,
): void {
  const all = [...providers.values()];
  const most = (asked: (labels: readonly string[]) => boolean): number =>
    all.reduce((sum, provider) => sum + mostNodes(provider, ({ labels }) => asked(labels)), 0);
  const warn = (place: Place, path: Path, message: string): void =>
    problems.add(place, formatPath(path), message, { severity: 'warning' });
  const section = childOf(tree, 'labels') as MapTree | null;
  const carried = new Set(all.flatMap(({ nodes }) => nodes.flatMap(({ labels }) => labels)));
  const wanted = Object.entries(values.labels).filter(([label, { ready }]) => ready > 0 && carried.has(label));
  let met = true;
  for (const [label, { ready }] of wanted) {
    const reachable = most((labels) => labels.includes(label));
    if (ready <= reachable) continue;
    met = false;
    const entry = childOf(section as MapTree, label) as Tree;
    const place = (childOf(entry, 'ready') ?? entry).place;
    const message = `${ready} are wanted, and the limits of all providers allow ${reachable}`;
    warn(place, ['labels', label, 'ready'], message);
  }
  const names = wanted.map(([label]) => label);
  const shared = all.some(({ nodes }) =>
    nodes.some(({ labels }) => labels.filter((one) => names.includes(one)).length > 1),
  );
  const total = wanted.reduce((sum, [, { ready }]) => sum + ready, 0);
  const reachable = most((labels) => labels.some((label) => names.includes(label)));
  if (!met || shared || total <= reachable) return;
  const message = `${total} ready nodes are wanted in all, and the limits of all providers allow ${reachable}`;
  warn((section as MapTree).place, ['labels'], message);
}
