import type { JsonSchema } from './openapi-types.ts';

/** A TypeScript type for a JSON schema of the kinds that the routes use; an unknown kind is an error, not `any`. */
export function typeOf(schema: JsonSchema | null): string {
  if (schema === null) return 'undefined';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((word) => JSON.stringify(word)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((choice) => parenthesised(typeOf(choice))).join(' | ');
  if (Array.isArray(schema.type))
    return schema.type.map((type) => parenthesised(typeOf({ ...schema, type }))).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `${parenthesised(typeOf(schema.items ?? {}))}[]`;
    case 'object':
      return objectType(schema);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`no type is known for the JSON schema type ${JSON.stringify(schema.type)}`);
  }
}

function parenthesised(type: string): string {
  return type.includes(' | ') ? `(${type})` : type;
}

function objectType(schema: JsonSchema): string {
  const values =
    Object.values(schema.patternProperties ?? {})[0] ??
    (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : null);
  if (schema.properties === undefined) return `Record<string, ${typeOf(values ?? {})}>`;
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties).map(([name, property]) => {
    const key = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name);
    return `${key}${required.has(name) ? '' : '?'}: ${typeOf(property)}${required.has(name) ? '' : ' | undefined'}`;
  });
  return fields.length === 0 ? 'Record<never, never>' : `{ ${fields.join('; ')} }`;
}
