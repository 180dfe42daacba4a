import { nearest } from '../base/suggest.ts';
import { formatDuration, formatSize, parseDuration_ms, parseSize_bytes } from '../base/units.ts';
import type { Complaint } from './kinds.ts';
import { describe, quote, type ScalarTree } from './yaml/tree.ts';

/** A schema as the walkers see it: JSON schema and our notes. */
export type Node = Readonly<Record<string, unknown>>;

export type Read = { value: unknown } | { complaint: Complaint };

/** Reads a plain value by its schema's kind. */
export function readScalar(schema: Node, tree: ScalarTree): Read {
  switch (schema['x-kind']) {
    case 'text':
      return readText(schema, tree);
    case 'duration':
      return readUnit(schema, tree, DURATION);
    case 'size':
      return readUnit(schema, tree, SIZE);
    case 'count':
    case 'amount':
      return readNumber(schema, tree);
    case 'word':
      return readWord(schema, tree);
    default:
      return complain(`expected a ${schema['x-kind'] === 'list' ? 'list' : 'map'}, not ${describe(tree)}`);
  }
}

/** In a sentence: what a value of this schema is. */
export function expectation(schema: Node): string {
  switch (schema['x-kind']) {
    case 'text':
      return 'text';
    case 'duration':
      return `a time with its unit, such as ${DURATION.examples}`;
    case 'size':
      return `a size with its unit, such as ${SIZE.examples}`;
    case 'count':
      return 'a whole number';
    case 'amount':
      return 'a number';
    case 'word':
      return `one of ${(schema.enum as string[]).join(', ')}`;
    case 'list':
      return 'a list';
    case 'plain-or':
      return `${expectation((schema.anyOf as Node[])[0] as Node)} or a map`;
    default:
      return 'a map';
  }
}

function complain(message: string, excerpt?: readonly [string, string]): Read {
  return { complaint: excerpt === undefined ? { message } : { message, excerpt } };
}

function readText(schema: Node, tree: ScalarTree): Read {
  if (tree.value === null) return complain('has no value; give it text, or remove the key');
  if (typeof tree.value !== 'string' && schema['x-lenient'] !== true) {
    return complain(`expected text, not ${describe(tree)}; put it in quotes: ${quote(tree.written)}`);
  }
  const value = typeof tree.value === 'string' ? tree.value : tree.written;
  if (value === '' && schema.minLength !== 0) return complain(`${subject(tree)} is empty`);
  // As JSON schema counts: characters, not UTF-16 units.
  if (value.length > (schema.maxLength as number) && [...value].length > (schema.maxLength as number)) {
    return complain(`is too long: ${schema.maxLength} characters are the most`);
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern as string, 'u').test(value)) {
    const wants = schema['x-wants'] === undefined ? `does not match ${schema.pattern}` : `is not ${schema['x-wants']}`;
    return complain(`${describe(tree)} ${wants}`);
  }
  const complaint = (schema['x-check'] as ((text: string) => Complaint | null) | undefined)?.(value) ?? null;
  return complaint === null ? { value } : { complaint };
}

function subject(tree: ScalarTree): string {
  return tree.substituted_from === null ? 'the text' : describe(tree);
}

interface Unit {
  parse: (text: string) => number | null;
  examples: string;
  units: readonly string[];
  format: (value: number) => string;
  little: string;
  much: string;
}

const DURATION: Unit = {
  parse: parseDuration_ms,
  examples: '500ms, 5s, 2m',
  units: ['ms', 's', 'm', 'h', 'd'],
  format: formatDuration,
  little: 'short',
  much: 'long',
};
const SIZE: Unit = {
  parse: parseSize_bytes,
  examples: '512MiB, 4GiB',
  units: ['B', 'KiB', 'MiB', 'GiB', 'TiB'],
  format: formatSize,
  little: 'small',
  much: 'large',
};
/** Other people's spellings of our units. */
const MEANT: Readonly<Record<string, string>> = {
  sec: 's', secs: 's', second: 's', seconds: 's', min: 'm', mins: 'm', minute: 'm', minutes: 'm',
  hour: 'h', hours: 'h', hr: 'h', day: 'd', days: 'd', msec: 'ms',
  k: 'KiB', kb: 'KiB', ki: 'KiB', m: 'MiB', mb: 'MiB', mi: 'MiB', g: 'GiB', gb: 'GiB', gi: 'GiB', t: 'TiB', tb: 'TiB', ti: 'TiB',
}; // biome-ignore format: a table

function readUnit(schema: Node, tree: ScalarTree, unit: Unit): Read {
  const { value } = tree;
  if (value === null || typeof value === 'boolean') {
    return complain(`expected ${expectation(schema)}, not ${describe(tree)}`);
  }
  const shown = tree.substituted_from === null ? quote(tree.written) : describe(tree);
  const parsed = typeof value === 'string' ? unit.parse(value) : null;
  if (parsed === null) return complain(unitComplaint(tree, shown, unit));
  const [least, most] = [schema['x-minimum'] as number, schema['x-maximum'] as number];
  if (parsed < least) return complain(`${shown} is too ${unit.little}; ${unit.format(least)} is the least`);
  if (parsed > most) return complain(`${shown} is too ${unit.much}; ${unit.format(most)} is the most`);
  return { value: parsed };
}

function unitComplaint(tree: ScalarTree, shown: string, unit: Unit): string {
  if (/^[\d.]+$/.test(tree.written)) return `${shown} needs a unit: ${unit.examples}`;
  const spelled = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(tree.written);
  const meant = spelled === null ? undefined : knownUnit(spelled[2] as string, unit);
  const hint =
    meant === undefined || tree.substituted_from !== null ? '' : `. Did you mean ${quote(`${spelled?.[1]}${meant}`)}?`;
  const kind = unit === SIZE ? 'size' : 'time';
  return hint === '' ? `${shown} is no ${kind}; write it like ${unit.examples}` : `${shown} is no ${kind}${hint}`;
}

function knownUnit(spelling: string, unit: Unit): string | undefined {
  const lower = spelling.toLowerCase();
  const same = unit.units.find((name) => name.toLowerCase() === lower);
  if (same !== undefined) return same;
  const meant = Object.hasOwn(MEANT, lower) ? MEANT[lower] : undefined;
  return meant !== undefined && unit.units.includes(meant) ? meant : undefined;
}

function readNumber(schema: Node, tree: ScalarTree): Read {
  const value = numberOf(tree);
  const whole = schema['x-kind'] === 'count';
  if (value === null || !Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    return complain(`expected ${expectation(schema)}, not ${describe(tree)}`);
  }
  const [minimum, maximum] = [schema.minimum as number, schema.maximum as number];
  if (value >= minimum && value <= maximum) return { value };
  return complain(
    value < minimum
      ? `${describe(tree)} is too small; ${minimum} is the least`
      : `${describe(tree)} is too large; ${maximum} is the most`,
  );
}

function numberOf(tree: ScalarTree): number | null {
  if (typeof tree.value === 'number') return tree.value;
  const isText = tree.substituted_from !== null && typeof tree.value === 'string';
  return isText && /^-?\d+(\.\d+)?$/.test(tree.value as string) ? Number(tree.value) : null;
}

function readWord(schema: Node, tree: ScalarTree): Read {
  const words = schema.enum as string[];
  if (typeof tree.value === 'string' && words.includes(tree.value)) return { value: tree.value };
  const known = tree.substituted_from === null && tree.written.length <= 60 ? nearest(tree.written, words) : null;
  const hint = known === null ? '' : `. Did you mean "${known}"?`;
  const choices = words.length === 1 ? `known; the only choice is ${words[0]}` : `one of ${words.join(', ')}`;
  return complain(`${describe(tree)} is not ${choices}${words.length === 1 ? '' : hint}`);
}
