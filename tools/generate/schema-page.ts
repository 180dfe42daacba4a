import { type TSchema, Type } from 'typebox';

/** A schema made of the configuration's vocabulary, as the pages read it. */
type Node = Readonly<Record<string, unknown>>;

interface Part {
  /** How the setting is written: `providers.NAME.nodes[]`. */
  readonly path: string;
  readonly section: Node;
  /** Where else it is used. */
  readonly also: string[];
}

/** Reference tables of a schema: one for each section, outermost first. `level`: depth of their headings. */
export function schemaTables(schema: TSchema, level: number, title: string): string {
  const parts: Part[] = [];
  collect(schema as Node, '', parts);
  return parts.map((part) => renderPart(part, level, title)).join('\n');
}

/** A section that is used at several places is told once, with all of them. */
function collect(section: Node, path: string, parts: Part[]): void {
  const known = parts.find((part) => part.section === section);
  if (known !== undefined) {
    known.also.push(path);
    return;
  }
  parts.push({ path, section, also: [] });
  for (const [key, property] of Object.entries(section.properties as Record<string, Node>)) {
    const inner = innerSections(property, path === '' ? key : `${path}.${key}`);
    for (const part of inner) collect(part.section, part.path, parts);
  }
}

/** The sections inside a value, each with the way in which it is written. */
function innerSections(node: Node, path: string): Part[] {
  switch (node['x-kind']) {
    case 'section':
      return [{ path, section: node, also: [] }];
    case 'map':
      return innerSections(node.additionalProperties as Node, `${path}.NAME`);
    case 'list':
      return innerSections(node.items as Node, `${path}[]`);
    case 'plain-or':
    case 'one-of':
      return (node.anyOf as Node[]).flatMap((choice) => innerSections(choice, path));
    case 'later':
      return innerSections(node['x-published'] as Node, path);
    default:
      return [];
  }
}

function renderPart({ path, section, also }: Part, level: number, title: string): string {
  const heading = `${'#'.repeat(level)} ${path === '' ? title : `\`${path}\``}`;
  const rows = Object.entries(section.properties as Record<string, Node>).map(([key, property]) => row(key, property));
  const same = also.length === 0 ? '' : ` The same at ${also.map(code).join(', ')}.`;
  const head = ['| key | what it is | form | default |', '|---|---|---|---|'];
  return [heading, '', `${String(section.description)}${same}`, '', ...head, ...rows, ''].join('\n');
}

function row(key: string, written: Node): string {
  // What is looked at later has its own default and examples.
  const published = written['x-kind'] === 'later' ? (written['x-published'] as Node) : written;
  const property = published['x-kind'] === 'raw' ? written : published;
  const examples = property.examples as unknown[] | undefined;
  const example =
    examples === undefined ? '' : ` For example ${examples.map((one) => code(String(one))).join(' or ')}.`;
  const cells = [code(key), `${String(property.description)}${example}`, formOf(property), defaultCell(property)];
  return `| ${cells.map(escapeCell).join(' | ')} |`;
}

function defaultCell(property: Node): string {
  const value = property.default;
  if (value === undefined) return Type.IsOptional(property) ? 'none' : '**required**';
  if (typeof value === 'object') return Array.isArray(value) ? 'none' : 'as below';
  return value === '' ? 'empty' : code(String(value));
}

/** In a few words: what may be written. */
function formOf(node: Node): string {
  switch (node['x-kind']) {
    case 'text':
      return node['x-lenient'] === true ? 'text or number' : 'text';
    case 'duration':
      return 'time: `500ms`, `5s`, `2m`, `8h`, `1d`';
    case 'size':
      return 'size: `512MiB`, `4GiB`';
    case 'count':
      return `whole number, ${node.minimum} to ${node.maximum}`;
    case 'amount':
      return `number, ${node.minimum} to ${node.maximum}`;
    case 'word':
      return (node.enum as string[]).map(code).join(', ');
    case 'list':
      return `list of ${plural(formOf(node.items as Node))}${node['x-single'] === true ? ', or one' : ''}`;
    case 'map':
      return `map of names to ${plural(formOf(node.additionalProperties as Node))}`;
    case 'plain-or':
      return (node.anyOf as Node[]).map(formOf).join(', or ');
    case 'later':
      return formOf(node['x-published'] as Node);
    case 'raw':
      return 'map of axes to lists, and `exclude`';
    default:
      return 'map, see below';
  }
}

function plural(form: string): string {
  if (form === 'map, see below') return 'maps, see below';
  return form === 'text' ? 'texts' : form;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Bars end a cell, lines a table. */
export function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, '<br>');
}
