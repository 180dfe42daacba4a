import { agentErrors } from './agent.ts';
import { commandLineErrors } from './command-line.ts';
import { configErrors } from './config.ts';
import { generalErrors } from './general.ts';
import { nodeErrors } from './nodes.ts';
import { resultErrors } from './results.ts';
import { runErrors } from './runs.ts';
import { storeErrors } from './store.ts';

/** One entry an error: what was wrong and where (with `{placeholders}`), what to do next, its HTTP status. */
export interface CatalogueEntry {
  readonly status: number;
  readonly what: string;
  readonly next: string;
}

/** Every error a person may see. Codes are stable; the reference page is generated from here. */
export const CATALOGUE = {
  ...generalErrors,
  ...commandLineErrors,
  ...configErrors,
  ...storeErrors,
  ...nodeErrors,
  ...runErrors,
  ...resultErrors,
  ...agentErrors,
} as const satisfies Record<string, CatalogueEntry>;

export type Code = keyof typeof CATALOGUE;
