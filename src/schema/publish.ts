import { type TSchema, Type } from 'typebox';
import type { Node } from './scalars.ts';

/** A text that holds a reference: every value may be given so, and only we know what it stands for. */
const REFERENCE = { type: 'string', pattern: '\\$\\{' } as const;

/** Plain JSON schema for editors: without our notes, with all forms that a file may use. */
export function publishSchema(schema: TSchema): Record<string, unknown> {
  return publishKind(schema as Node);
}

/** The whole schema of a file, with its address. */
export function publishDocument(schema: TSchema, title: string): Record<string, unknown> {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...publishSchema(schema) };
}

function publishKind(node: Node): Record<string, unknown> {
  switch (node['x-kind']) {
    case 'section':
      return publishSection(node);
    case 'map':
      return {
        ...plain(node),
        type: ['object', 'null'],
        additionalProperties: publishSchema(node.additionalProperties as TSchema),
      };
    case 'list':
      return publishList(node);
    case 'plain-or':
    case 'one-of':
      return { ...plain(node), anyOf: (node.anyOf as TSchema[]).map(publishSchema) };
    case 'raw':
      return node['x-raw'] as Record<string, unknown>;
    case 'later':
      return { ...plain(node), ...publishSchema(node['x-published'] as TSchema) };
    default:
      return publishScalar(node);
  }
}

function publishSection(node: Node): Record<string, unknown> {
  const properties = Object.entries(node.properties as Record<string, TSchema>);
  const required = properties
    .filter(([, property]) => !Type.IsOptional(property) && (property as Node).default === undefined)
    .map(([key]) => key);
  return {
    ...plain(node),
    // A key with nothing after it is an empty map, unless something is missing in it then.
    type: required.length === 0 ? ['object', 'null'] : 'object',
    properties: Object.fromEntries(properties.map(([key, property]) => [key, publishSchema(property)])),
    ...(required.length === 0 ? {} : { required }),
  };
}

function publishList(node: Node): Record<string, unknown> {
  const items = publishSchema(node.items as TSchema);
  const [notes, bounds] = notesApart(plain(node));
  const list = { ...bounds, type: node.minItems === 0 ? ['array', 'null'] : 'array', items };
  return node['x-single'] === true ? { ...notes, anyOf: [items, list] } : { ...notes, ...list };
}

function publishScalar(node: Node): Record<string, unknown> {
  const published = plain(node);
  const isFree = published.pattern === undefined && node['x-kind'] === 'text';
  if (node['x-verbatim'] === true || isFree) return published;
  const [notes, rest] = notesApart(published);
  return { ...notes, anyOf: [rest, REFERENCE] };
}

/** What is for people, and what is for validation. */
function notesApart(
  published: Record<string, unknown>,
): [notes: Record<string, unknown>, rest: Record<string, unknown>] {
  const isNote = ([key]: [string, unknown]): boolean => ['description', 'default', 'examples'].includes(key);
  const entries = Object.entries(published);
  return [Object.fromEntries(entries.filter(isNote)), Object.fromEntries(entries.filter((entry) => !isNote(entry)))];
}

/** Without our notes and what is filled in by others. */
function plain(node: Node): Record<string, unknown> {
  const left = Object.entries(node).filter(
    ([key]) => !key.startsWith('x-') && !['properties', 'required', 'items', 'anyOf'].includes(key),
  );
  return Object.fromEntries(left);
}
