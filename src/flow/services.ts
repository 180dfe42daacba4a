import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Blobs } from '../blobs/contract.ts';
import type { Config } from '../config/schema.ts';
import type { UnusableProvider } from '../nodes/snapshot.ts';
import type { Provider } from '../providers/contract.ts';
import type { DatabaseConnection } from '../store/connect.ts';
import type { Listener } from '../store/notify.ts';
import type { SessionHub } from './agents/hub.ts';
import type { ReadyNodes } from './agents/ready.ts';
import type { PlannerRows } from './fleet/rows.ts';
import type { LogGrowth } from './logs/growth.ts';

/** Figures for Prometheus; the server gives them, tests leave them out. */
export interface FlowMetrics {
  /** One more of something, for example `nodes_launched`. */
  count(name: string, labels?: Readonly<Record<string, string>>, amount?: number): void;
  /** One duration, in milliseconds. */
  duration(name: string, duration_ms: number, labels?: Readonly<Record<string, string>>): void;
}

/** What the flow stands on; given by whoever starts it. */
export interface Ground {
  clock: Clock;
  random: Random;
  log: Log;
  connection: DatabaseConnection;
  listener: Listener;
  blobs: Blobs;
  /** The configuration as it is now; a reload changes the answer. */
  config(): Config;
  /** By name. One that the configuration lost stays here until its nodes are gone. */
  providers(): ReadonlyMap<string, Provider>;
  /** Brings rows and open providers together, before anything is planned; not where providers are fixed. */
  settle_providers?(): Promise<ReadonlyMap<string, Provider>>;
  /** Configured ones that this process cannot use, by name; not where providers are fixed. */
  unusable_providers?(): ReadonlyMap<string, UnusableProvider>;
  /** `observing`: look, but touch no machine. */
  deployment: { id: string; observing: boolean };
  /** Where agents on this provider's nodes reach the server: `unix:/path`, `http://…` or `https://…`. */
  agent_server_url(provider: string): string;
  metrics?: FlowMetrics;
}

/** What every function of the flow is handed: nothing here is reached for globally. */
export interface Services extends Ground {
  /** The agents' sessions in this process. */
  readonly agent_sessions: SessionHub;
  readonly ready_nodes: ReadyNodes;
  /** The rows that planner and owners work on. */
  readonly fleet_rows: PlannerRows;
  readonly log_growth: LogGrowth;
}
