import type { Log } from '../base/log.ts';
import type { Config } from '../config/schema.ts';

/** What a process does; all of it when none is named. */
export const SERVER_ROLES = ['api', 'fleet', 'worker'] as const;
export type ServerRole = (typeof SERVER_ROLES)[number];

export interface ServerOptions {
  config: Config;
  /** Everything that the server keeps on this machine. */
  data_directory: string;
  /** An outside PostgreSQL; null for the embedded one. */
  database_url: string | null;
  roles: ReadonlySet<ServerRole>;
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
