import type { ColumnType, Generated, JSONColumnType } from 'kysely';

/** A column that the database fills in. */
export type Stamp = ColumnType<Date, Date | undefined, Date>;
export type Json<T extends object> = JSONColumnType<T>;
/** With a default in the database. */
export type DefaultJson<T extends object> = ColumnType<T, string | undefined, string>;
export type NullableJson<T extends object> = ColumnType<T | null, string | null | undefined, string | null>;

export type Role = 'viewer' | 'submitter' | 'operator' | 'admin';

export interface DeploymentTable {
  only_row: Generated<boolean>;
  id: string;
  created_at: Stamp;
  observing: Generated<boolean>;
}

export interface TokensTable {
  id: Generated<number>;
  name: string;
  kind: 'api' | 'session' | 'enter';
  role: Role;
  hash: Buffer;
  created_at: Stamp;
  expires_at: Date | null;
  used_at: Date | null;
  revoked_at: Date | null;
  /** The token that a sign-in link or a session was made with; they end with it. */
  issued_by: ColumnType<number | null, number | null | undefined, number | null>;
}

export interface AuditLogTable {
  id: Generated<number>;
  at: Stamp;
  actor: string;
  action: string;
  subject: string;
  detail: Json<Record<string, unknown>>;
}

export interface LeasesTable {
  name: string;
  holder: string;
  epoch: number;
  expires_at: Date;
}

export interface AliveClockTable {
  only_row: Generated<boolean>;
  alive_ms: Generated<number>;
  ticked_at: Stamp;
}

export interface BaseTables {
  deployment: DeploymentTable;
  tokens: TokensTable;
  audit_log: AuditLogTable;
  leases: LeasesTable;
  alive_clock: AliveClockTable;
}
