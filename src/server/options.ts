import type { Log } from '../base/log.ts';
import type { Variables } from '../config/environment.ts';
import type { Config } from '../config/schema.ts';
import type { Driver } from '../providers/contract.ts';
import { LANES, type Lane } from '../queue/contract.ts';

/** What a process does; all of it when none is named. */
export const SERVER_ROLES = ['api', 'fleet', 'worker'] as const;
export type ServerRole = (typeof SERVER_ROLES)[number];

/** Items at a time in a lane that says nothing else. */
export const USUAL_CONCURRENCY = 2;
export const ALL_LANES: ReadonlyMap<Lane, number> = new Map(LANES.map((lane) => [lane, USUAL_CONCURRENCY]));
/** Kubernetes gives 30 s by default; what is left after this is for closing connections. */
export const USUAL_DRAIN_BUDGET_MS = 20_000;

export interface ServerOptions {
  config: Config;
  /** The kinds of providers that there are; all of this program's unless tests bring their own. */
  drivers?: readonly Driver[];
  /** The environment, for references of providers that only rows know. */
  variables?: Variables;
  /** Everything that the server keeps on this machine. */
  data_directory: string;
  /** An outside PostgreSQL; null for the embedded one. */
  database_url: string | null;
  roles: ReadonlySet<ServerRole>;
  /** The lanes of the queue that the role worker drains, with how many items at a time. */
  lanes: ReadonlyMap<Lane, number>;
  /** How long work that was begun may go on after SIGTERM, before it is handed back. */
  drain_budget_ms: number;
  host: string;
  /** 0: any free one. */
  port: number;
  log: Log;
  version: string;
  /** The built agent, dashboard and the Node that runs agents. */
  agent_bundle: string;
  node_executable: string;
  dashboard_directory: string | null;
}
