import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { GroundcrewError } from '../../base/errors/error.ts';
import { nearest } from '../../base/suggest.ts';

const PARTS: Readonly<Record<string, string>> = {
  body: 'the body',
  querystring: 'the query',
  params: 'the address',
  headers: 'the headers',
};

type ValidationError = FastifySchemaValidationError & { parentSchema?: { properties?: object } };

/** One sentence for the first thing that does not fit the schema of a request. */
export function describeProblems(errors: FastifySchemaValidationError[], part: string): GroundcrewError {
  const error = errors[0] as ValidationError;
  const where = error.instancePath.slice(1).replaceAll('/', '.');
  const subject = `${PARTS[part] ?? part}${where === '' ? '' : `: "${where}"`}`;
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty).slice(0, 100);
    const known = Object.keys(error.parentSchema?.properties ?? {});
    const meant = nearest(name, known);
    const help = meant === null ? ` It knows: ${known.join(', ') || 'nothing'}.` : ` Did you mean "${meant}"?`;
    return new GroundcrewError('GC1005', { detail: `${subject} has "${name}", which is not known.${help}` });
  }
  // The only pattern of a body, see `oneLine`.
  if (error.keyword === 'pattern' && part === 'body') {
    return new GroundcrewError('GC1005', { detail: `${subject} must be one line, without control characters` });
  }
  const words = error.params.allowedValues;
  const choice = Array.isArray(words) ? `: ${words.join(', ')}` : '';
  return new GroundcrewError('GC1005', { detail: `${subject} ${error.message ?? 'does not fit'}${choice}` });
}

/** Does any text in it hold the character NUL? Looks into arrays and plain objects, keys too. */
export function hasNul(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part === 'string' && part.includes('\0')) return true;
    if (typeof part !== 'object' || part === null || Buffer.isBuffer(part)) continue;
    for (const [key, inner] of Object.entries(part)) {
      if (key.includes('\0')) return true;
      left.push(inner);
    }
  }
  return false;
}
