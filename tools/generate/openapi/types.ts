import openapiTS, { astToString } from 'openapi-typescript';

/** The TypeScript of an API description: `paths`, `components`, `operations`. */
export async function openapiTypes(description: object): Promise<string> {
  return astToString(await openapiTS(description as never, { exportType: true, alphabetize: false }));
}
