import { readFileSync } from 'node:fs';

/** Where this runs; the job file's matrix sets it on the nodes. */
export const environment = process.env.GROUNDCREW_ENVIRONMENT ?? 'jammy';

/** What the environment offers, from a file of `data/`. */
export function readData(name) {
  const all = JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8'));
  if (all[environment] === undefined) throw new Error(`data/${name}.json says nothing about ${environment}`);
  return all[environment];
}
