/**
 * The areas, and the files of this folder whose `figures` belong to each, in the order in which they run. To plug in
 * a module, add its file here. A file that does not exist yet is named on standard error and left out.
 */
export const AREAS: Readonly<Record<string, readonly string[]>> = {
  flow: [
    'allocation.ts',
    'burst.ts',
    'planner.ts',
    'queue.ts',
    'ingest.ts',
    'local-provider.ts',
    'start.ts',
    'sizes.ts',
  ],
  results: ['ingest.ts', 'compare.ts'],
};

/** The modules of the areas that are named, of all when none is; throws with what there is when one is unknown. */
export function chooseModules(areas: Readonly<Record<string, readonly string[]>>, named: readonly string[]): string[] {
  const unknown = named.find((name) => !Object.hasOwn(areas, name));
  if (unknown !== undefined) {
    throw new Error(`There is no area ${unknown}. Areas: ${Object.keys(areas).join(', ')}.`);
  }
  const wanted = named.length === 0 ? Object.keys(areas) : named;
  return [...new Set(wanted.flatMap((name) => areas[name] ?? []))];
}
