import type { Generated } from 'kysely';
import type { WorkItemId } from '../../base/ids.ts';
import type { Json, NullableJson, Stamp } from './base.ts';

export interface WorkItemsTable {
  id: Generated<WorkItemId>;
  lane: string;
  kind: string;
  key: string;
  payload: Json<Record<string, unknown>>;
  state: Generated<'waiting' | 'running' | 'dead'>;
  fence: Generated<number>;
  run_at: Stamp;
  lease_until: Date | null;
  worker: string | null;
  failures: Generated<number>;
  interruptions: Generated<number>;
  lapses: Generated<number>;
  checkpoint: NullableJson<Record<string, unknown>>;
  error: string | null;
  enqueued_at: Stamp;
  died_at: Date | null;
}

/** Rows of the durable queue. */
export interface QueueTables {
  work_items: WorkItemsTable;
}
