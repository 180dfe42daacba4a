import { type Static, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox';
import type { Tree } from './yaml/tree.ts';

/**
 * The vocabulary of our file schemas. Each is a TypeBox schema with notes (`x-…`) from which five things are made:
 * validation with places, the TypeScript type of the value that was read, defaults, the JSON schema for editors, and
 * the reference page. A property with a default may be left out and is always there in the value.
 */
export interface Notes<Value> {
  /** One or two sentences for the reference page. */
  description: string;
  default?: Value;
  examples?: unknown[];
}

/** What a check of a text's meaning says when it is wrong. */
export interface Complaint {
  message: string;
  /** The text and a marker line below it. */
  excerpt?: readonly [string, string];
}

export interface TextNotes extends Notes<string> {
  /** The whole text must match. */
  pattern?: string;
  /** In words, what the pattern wants: `letters, digits and -`. */
  wants?: string;
  /** 1 unless told; 0 allows an empty text. */
  minimum_characters?: number;
  /** 1,024 unless told. */
  maximum_characters?: number;
  /** A number or boolean is taken as the text that is written: 1.10 stays 1.10. */
  lenient?: boolean;
  /** `${…}` in it belongs to somebody else, for example the shell. */
  verbatim?: boolean;
  check?: (text: string) => Complaint | null;
  /** What to say when a list or a map is given. */
  instead?: (tree: Tree) => string | null;
}

/** A text. */
export function text(notes: TextNotes): TUnsafe<string> {
  const {
    pattern,
    minimum_characters = 1,
    maximum_characters = 1024,
    lenient,
    wants,
    verbatim,
    check,
    instead,
  } = notes;
  return Type.Unsafe<string>({
    ...common(notes),
    type: lenient ? ['string', 'number', 'boolean'] : 'string',
    minLength: minimum_characters,
    maxLength: maximum_characters,
    ...(pattern === undefined ? {} : { pattern: `^(?:${pattern})$` }),
    'x-kind': 'text',
    ...definedOnly({
      'x-lenient': lenient,
      'x-wants': wants,
      'x-verbatim': verbatim,
      'x-check': check,
      'x-instead': instead,
    }),
  });
}

/** A time with its unit, read as milliseconds. Its default is written like in the file: `8h`. */
export function duration(notes: Notes<string> & { minimum_ms?: number; maximum_ms?: number }): TUnsafe<number> {
  return Type.Unsafe<number>({
    ...common(notes),
    type: 'string',
    pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$',
    'x-kind': 'duration',
    'x-minimum': notes.minimum_ms ?? 1,
    'x-maximum': notes.maximum_ms ?? 365 * 86_400_000,
  });
}

/** An amount of memory or disk with its unit, read as bytes. */
export function size(notes: Notes<string> & { minimum_bytes?: number }): TUnsafe<number> {
  return Type.Unsafe<number>({
    ...common(notes),
    type: 'string',
    pattern: '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB|TiB)$',
    'x-kind': 'size',
    'x-minimum': notes.minimum_bytes ?? 1,
    'x-maximum': Number.MAX_SAFE_INTEGER,
  });
}

/** A whole number. `instead`: what to say when something else than a number is given. */
export function count(
  notes: Notes<number> & { minimum: number; maximum: number; instead?: (tree: Tree) => string | null },
): TUnsafe<number> {
  const { minimum, maximum, instead } = notes;
  const bounds = { minimum, maximum };
  return Type.Unsafe<number>({
    ...common(notes),
    type: 'integer',
    ...bounds,
    'x-kind': 'count',
    ...definedOnly({ 'x-instead': instead }),
  });
}

/** A number, fractions allowed. */
export function amount(notes: Notes<number> & { minimum: number; maximum: number }): TUnsafe<number> {
  const { minimum, maximum } = notes;
  return Type.Unsafe<number>({ ...common(notes), type: 'number', minimum, maximum, 'x-kind': 'amount' });
}

/** One of these words. */
export function word<const Words extends readonly string[]>(
  words: Words,
  notes: Notes<Words[number]>,
): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ ...common(notes), type: 'string', enum: [...words], 'x-kind': 'word' });
}

/** Known keys, each with its own schema. `open`: there may be others, of which only their `${…}` are looked at. */
export function section<Properties extends TProperties>(
  properties: Properties,
  notes: { description: string; default?: Record<string, never>; open?: boolean },
) {
  return Type.Object(properties, {
    ...common(notes),
    additionalProperties: false,
    'x-kind': 'section',
    ...definedOnly({ 'x-open': notes.open }),
  });
}

/** Names that people choose, each with a value of the same schema. `name`: what such a name is, `a label`. */
export function mapOf<Value extends TSchema>(
  value: Value,
  notes: Notes<Record<string, never>> & { key_pattern: string; name: string; wants: string; maximum: number },
): TUnsafe<Record<string, Static<Value>>> {
  return Type.Unsafe<Record<string, Static<Value>>>({
    ...common(notes),
    type: 'object',
    propertyNames: { type: 'string', pattern: `^(?:${notes.key_pattern})$`, maxLength: 200 },
    additionalProperties: value,
    maxProperties: notes.maximum,
    'x-kind': 'map',
    'x-name': notes.name,
    'x-wants': notes.wants,
  });
}

/** Items of the same schema. `single`: one item may stand without the brackets. */
export function listOf<Item extends TSchema>(
  item: Item,
  notes: Notes<never[]> & { minimum?: number; maximum: number; single?: boolean },
): TUnsafe<Static<Item>[]> {
  return Type.Unsafe<Static<Item>[]>({
    ...common(notes),
    type: 'array',
    items: item,
    minItems: notes.minimum ?? 0,
    maxItems: notes.maximum,
    'x-kind': 'list',
    ...definedOnly({ 'x-single': notes.single }),
  });
}

/** A plain value or a map of settings, each with its schema. */
export function plainOr<Plain extends TSchema, Settings extends TSchema>(
  plain: Plain,
  settings: Settings,
  notes: Notes<string>,
): TUnsafe<Static<Plain> | Static<Settings>> {
  return Type.Unsafe<Static<Plain> | Static<Settings>>({
    ...common(notes),
    anyOf: [plain, settings],
    'x-kind': 'plain-or',
  });
}

/** Whatever is there, to be looked at later with a schema that depends on its neighbours. */
export function later(notes: Notes<never> & { published: TSchema }): TUnsafe<Tree> {
  return Type.Unsafe<Tree>({ ...common(notes), 'x-kind': 'later', 'x-published': notes.published });
}

/** A property that may be left out, without a default. */
export function optional<Value extends TSchema>(value: Value) {
  return Type.Optional(value);
}

function common(notes: Notes<unknown>): Record<string, unknown> {
  return definedOnly({ description: notes.description, default: notes.default, examples: notes.examples });
}

function definedOnly(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
