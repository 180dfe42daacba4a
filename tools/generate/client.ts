import { openapiTypes } from './openapi/types.ts';
import type { OpenApi } from './openapi-types.ts';

/** By the name of an operation, in the words of the client: only what is good is an answer, and nothing is optional twice. */
const SHAPES = `type Json<Part> = Part extends { content: { 'application/json': infer Body } } ? Body : undefined;
type Lenient<Fields> = { [Key in keyof Fields]: Fields[Key] | (object extends Pick<Fields, Key> ? undefined : never) };
type Parameters<Place> = [NonNullable<Place>] extends [never] ? Record<never, never> : Lenient<NonNullable<Place>>;
type Good<Responses> = Json<Responses[keyof Responses & (200 | 201 | 202)]>;

export type Operations = {
  [Name in keyof operations]: {
    path: Parameters<operations[Name]['parameters']['path']>;
    query: Parameters<operations[Name]['parameters']['query']>;
    body: operations[Name] extends { requestBody: infer Body } ? Json<Body> : undefined;
    answer: Good<operations[Name]['responses']>;
  };
};
`;

/**
 * What a client needs of the API description: the types of its operations as openapi-typescript writes them, and for
 * each operation its method and address. The code that calls (`src/protocol/client.ts`) is written by hand and knows no
 * operation.
 */
export async function generateClient(description: OpenApi): Promise<string> {
  const table: string[] = [];
  const kept: OpenApi['paths'] = {};
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.operationId === undefined) continue;
      table.push(`  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}' },`);
      kept[path] = { ...kept[path], [method]: operation };
    }
  }
  return [
    '// Generated from the API description by `npm run generate`. Do not edit.',
    '',
    await openapiTypes({ ...description, paths: kept }),
    SHAPES,
    'export const OPERATIONS: Readonly<Record<keyof Operations, { method: string; path: string }>> = {',
    ...table,
    '};',
    '',
  ].join('\n');
}
