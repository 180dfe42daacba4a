import { type Static, type TSchema, Type } from 'typebox';
import { meantKey } from './meant-key.ts';
import { formatPath, type Path } from './path.ts';
import { expectation, type Node, readScalar } from './scalars.ts';
import { type Substitutions, substitute } from './substitute.ts';
import { countOf, type Problems } from './yaml/problems.ts';
import { describe, type Entry, quote, type ScalarTree, type Tree } from './yaml/tree.ts';

export interface ValidateContext {
  readonly problems: Problems;
  readonly substitutions: Substitutions;
}

/**
 * The value that a tree stands for by a schema made of `kinds.ts`, its defaults filled in. Undefined when something in
 * it is wrong; every problem in it was then reported, each at its place.
 */
export function validate<Schema extends TSchema>(
  schema: Schema,
  tree: Tree,
  context: ValidateContext,
  path: Path = [],
): Static<Schema> | undefined {
  return new Walk(context).value(schema as Node, tree, path) as Static<Schema> | undefined;
}

/** What a property has when it is left out. Undefined: nothing. */
export function defaultOf(schema: TSchema): unknown {
  const given = (schema as Node).default;
  if (given === undefined) return undefined;
  const kind = (schema as Node)['x-kind'];
  if (kind === 'section') return sectionDefaults(schema as Node);
  if (kind === 'map') return Object.create(null);
  if (kind === 'list') return [];
  const source = { file: 'the default', text: '' };
  const scalar = {
    kind: 'scalar',
    place: { source, offset: 0 },
    written: String(given),
    substituted_from: null,
  } as const;
  const plain = kind === 'plain-or' ? ((schema as Node).anyOf as Node[])[0] : (schema as Node);
  const read = readScalar(plain as Node, { ...scalar, value: given as string });
  if ('value' in read) return read.value;
  throw new Error(`the default ${String(given)} is not valid: ${read.complaint.message}`);
}

function sectionDefaults(schema: Node): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties as Record<string, TSchema>)) {
    const value = defaultOf(property);
    if (value !== undefined) values[key] = value;
  }
  return values;
}

/** One look through a tree. A class only so that problems and substitutions need not be handed on at each step. */
class Walk {
  private readonly context: ValidateContext;

  constructor(context: ValidateContext) {
    this.context = context;
  }

  value(schema: Node, tree: Tree, path: Path): unknown {
    if (tree.kind === 'scalar' && tree.broken) return undefined;
    const kind = schema['x-kind'];
    if (kind === 'later') return tree;
    if (kind === 'plain-or') return this.plainOr(schema, tree, path);
    const empty = tree.kind === 'scalar' && tree.value === null;
    if (kind === 'section' && (tree.kind === 'map' || empty)) return this.section(schema, tree, path);
    if (kind === 'map' && (tree.kind === 'map' || empty)) return this.map(schema, tree, path);
    if (kind === 'list' && (tree.kind === 'list' || empty)) return this.list(schema, tree, path);
    if (kind === 'list' && schema['x-single'] === true) return this.single(schema, tree, path);
    if (tree.kind === 'scalar') return this.scalar(schema, tree, path);
    const instead = (schema['x-instead'] as ((tree: Tree) => string | null) | undefined)?.(tree);
    return this.complain(tree, path, instead ?? `expected ${expectation(schema)}, not ${describe(tree)}`);
  }

  private complain(tree: Tree, path: Path, message: string, excerpt?: readonly [string, string]): undefined {
    const extra = excerpt === undefined ? {} : { excerpt };
    this.context.problems.add(tree.place, formatPath(path), message, extra);
  }

  private scalar(schema: Node, tree: ScalarTree, path: Path): unknown {
    const { problems, substitutions } = this.context;
    const ready = schema['x-verbatim'] === true ? tree : substitute(tree, path, substitutions, problems);
    if (ready === null) return undefined;
    const read = readScalar(schema, ready);
    if ('value' in read) return read.value;
    return this.complain(tree, path, read.complaint.message, read.complaint.excerpt);
  }

  private plainOr(schema: Node, tree: Tree, path: Path): unknown {
    const [plain, settings] = schema.anyOf as [Node, Node];
    if (tree.kind === 'list') return this.complain(tree, path, `expected ${expectation(schema)}, not a list`);
    return this.value(tree.kind === 'map' ? settings : plain, tree, path);
  }

  private section(schema: Node, tree: Tree, path: Path): Record<string, unknown> | undefined {
    const properties = schema.properties as Record<string, TSchema>;
    const entries = tree.kind === 'map' ? tree.entries : [];
    const values: Record<string, unknown> = {};
    let complete = true;
    // A key that was meant by a misspelled one is not missing as well.
    const meant = new Set<string | null>();
    for (const entry of entries) {
      if (Object.hasOwn(properties, entry.key)) continue;
      if (schema['x-open'] === true) {
        this.references(entry.value, [...path, entry.key]);
        continue;
      }
      meant.add(this.unknownKey(entry, Object.keys(properties), path));
      complete = false;
    }
    for (const [key, property] of Object.entries(properties)) {
      const entry = entries.find((candidate) => candidate.key === key);
      const value = entry ? this.value(property as Node, entry.value, [...path, key]) : defaultOf(property);
      if (value !== undefined) values[key] = value;
      else if (entry !== undefined) complete = false;
      else if (!Type.IsOptional(property)) complete = meant.has(key) ? false : this.missingKey(tree, key, path);
    }
    return complete ? values : undefined;
  }

  /** Of what stands where no schema is known: only whether its `${…}` have values. */
  private references(tree: Tree, path: Path): void {
    if (tree.kind === 'map') for (const { key, value } of tree.entries) this.references(value, [...path, key]);
    else if (tree.kind === 'list')
      for (const [index, item] of tree.items.entries()) this.references(item, [...path, index]);
    else substitute(tree, path, this.context.substitutions, this.context.problems);
  }

  private unknownKey(entry: Entry, known: readonly string[], path: Path): string | null {
    const meant = meantKey(entry.key, known);
    const hint = meant === null ? `Known here: ${known.join(', ')}` : `Did you mean "${meant}"?`;
    this.context.problems.add(entry.key_place, formatPath([...path, entry.key]), `unknown key. ${hint}`);
    return meant;
  }

  private missingKey(tree: Tree, key: string, path: Path): false {
    this.complain(tree, path, `the key "${key}" is missing`);
    return false;
  }

  private map(schema: Node, tree: Tree, path: Path): Record<string, unknown> | undefined {
    const names = schema.propertyNames as { pattern: string; maxLength: number };
    const pattern = new RegExp(names.pattern, 'u');
    const entries = tree.kind === 'map' ? tree.entries : [];
    // Without a prototype, so that a name such as "constructor" is only there when it was given.
    const values: Record<string, unknown> = Object.create(null);
    let complete = this.atMost(schema.maxProperties as number, entries.length, tree, path);
    for (const entry of entries) {
      const here = [...path, entry.key];
      if (!pattern.test(entry.key) || entry.key.length > names.maxLength) {
        const colon = entry.key.includes(':') ? '. Is the space after a colon missing?' : '';
        const message = `${quote(entry.key)} is not ${schema['x-name']}: ${schema['x-wants']}${colon}`;
        this.context.problems.add(entry.key_place, formatPath(path), message);
        complete = false;
      }
      const value = this.value(schema.additionalProperties as Node, entry.value, here);
      if (value === undefined) complete = false;
      else values[entry.key] = value;
    }
    return complete ? values : undefined;
  }

  private list(schema: Node, tree: Tree, path: Path): unknown[] | undefined {
    const items = tree.kind === 'list' ? tree.items : [];
    let complete = this.atMost(schema.maxItems as number, items.length, tree, path);
    if (items.length < (schema.minItems as number)) {
      const what = items.length === 0 ? 'is empty' : `has ${countOf(items.length, 'entry', 'entries')}`;
      this.complain(tree, path, `${what}; ${schema.minItems} is the least`);
      complete = false;
    }
    const values = items.map((item, index) => this.value(schema.items as Node, item, [...path, index]));
    if (values.includes(undefined)) complete = false;
    return complete ? values : undefined;
  }

  private single(schema: Node, tree: Tree, path: Path): unknown[] | undefined {
    const value = this.value(schema.items as Node, tree, path);
    return value === undefined ? undefined : [value];
  }

  private atMost(most: number, count: number, tree: Tree, path: Path): boolean {
    if (count <= most) return true;
    this.complain(tree, path, `has ${count} entries; ${most} are the most`);
    return false;
  }
}
