import type { JsonSchema, OpenApi, Operation } from './openapi-types.ts';

/**
 * The types of a client, from the API description: one entry an operation, with its parameters, body and answer. The
 * code that calls (`src/protocol/client.ts`) is written by hand and knows no operation.
 */
export function generateClient(description: OpenApi): string {
  const types: string[] = [];
  const table: string[] = [];
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.operationId === undefined) continue;
      types.push(
        `  /** ${operation.summary ?? operation.operationId}. */\n  ${operation.operationId}: ${operationType(operation)};`,
      );
      table.push(`  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}' },`);
    }
  }
  return [
    '// Generated from the API description by `npm run generate`. Do not edit.',
    '',
    'export interface Operations {',
    ...types,
    '}',
    '',
    'export const OPERATIONS: Readonly<Record<keyof Operations, { method: string; path: string }>> = {',
    ...table,
    '};',
    '',
  ].join('\n');
}

function operationType(operation: Operation): string {
  const parts = [
    `path: ${parametersType(operation, 'path')}`,
    `query: ${parametersType(operation, 'query')}`,
    `body: ${typeOf(operation.requestBody?.content?.['application/json']?.schema ?? null)}`,
    `answer: ${typeOf(answerSchema(operation))}`,
  ];
  return `{ ${parts.join('; ')} }`;
}

function answerSchema(operation: Operation): JsonSchema | null {
  const answer = Object.entries(operation.responses ?? {}).find(([status]) => status.startsWith('2'))?.[1];
  return answer?.content?.['application/json']?.schema ?? null;
}

function parametersType(operation: Operation, where: 'path' | 'query'): string {
  const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === where);
  if (parameters.length === 0) return 'Record<never, never>';
  const fields = parameters.map(
    ({ name, required, schema }) => `${name}${required ? '' : '?'}: ${typeOf(schema)}${required ? '' : ' | undefined'}`,
  );
  return `{ ${fields.join('; ')} }`;
}

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
