import type { Kysely, Transaction } from 'kysely';
import type { AssignmentTables, AssignmentViews } from './assignments.ts';
import type { BaseTables } from './base.ts';
import type { FleetTables } from './fleet.ts';
import type { QueueTables } from './queue.ts';
import type { ResultTables } from './results.ts';
import type { RunTables } from './runs.ts';

/** Every table. */
export interface Database
  extends BaseTables,
    FleetTables,
    AssignmentTables,
    AssignmentViews,
    RunTables,
    ResultTables,
    QueueTables {}

/** A pool or a transaction: most functions of a store take either. */
export type Db = Kysely<Database>;
/** For functions that must be part of a caller's transaction. */
export type Tx = Transaction<Database>;
