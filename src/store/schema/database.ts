import type { Kysely, Transaction } from 'kysely';
import type { AssignmentTables } from './assignments.ts';
import type { BaseTables } from './base.ts';
import type { FleetTables } from './fleet.ts';
import type { QueueTables } from './queue.ts';
import type { ResultTables } from './results.ts';
import type { RunTables } from './runs.ts';
import type { Views } from './views.ts';

/** Every table, and the views by which neighbours read them. */
export interface Database
  extends BaseTables,
    FleetTables,
    AssignmentTables,
    RunTables,
    ResultTables,
    QueueTables,
    Views {}

/** A pool or a transaction: most functions of a store take either. */
export type Db = Kysely<Database>;
/** For functions that must be part of a caller's transaction. */
export type Tx = Transaction<Database>;
