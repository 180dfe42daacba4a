import type pg from 'pg';

/** A table as it is copied. */
export interface TableShape {
  readonly name: string;
  /** Without those that the database computes. */
  readonly columns: string[];
}

/** Where an identity column goes on. */
export interface SequenceValue {
  readonly table: string;
  readonly column: string;
  readonly last_value: string;
  readonly is_called: boolean;
}

/** Kept apart: what was migrated is part of the header. */
export const MIGRATIONS_TABLE = 'migrations';

/** Our tables, those first that others refer to, so that they can be filled in this order. */
export async function listTables(client: pg.Client): Promise<TableShape[]> {
  const tables = await client.query<{ name: string; columns: string[] }>(
    `select relname as name,
            array(select attname::text from pg_attribute
                   where attrelid = class.oid and attnum > 0 and not attisdropped and attgenerated = ''
                   order by attnum) as columns
       from pg_class class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> $1
      order by relname`,
    [MIGRATIONS_TABLE],
  );
  const references = await client.query<{ from: string; to: string }>(
    `select holder.relname as from, target.relname as to
       from pg_constraint
       join pg_class holder on holder.oid = conrelid
       join pg_class target on target.oid = confrelid
      where contype = 'f' and holder.oid <> target.oid`,
  );
  return inOrder(tables.rows, references.rows);
}

/** Each table after those that it refers to. */
export function inOrder(
  tables: readonly TableShape[],
  references: readonly { from: string; to: string }[],
): TableShape[] {
  const ordered: TableShape[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const waiting = new Set(left.map((table) => table.name));
    const free = left.filter((table) => !references.some(({ from, to }) => from === table.name && waiting.has(to)));
    if (free.length === 0) throw new Error(`the tables ${[...waiting].join(', ')} refer to each other in a circle`);
    ordered.push(...free);
    left = left.filter((table) => !free.includes(table));
  }
  return ordered;
}

export async function listSequences(client: pg.Client): Promise<SequenceValue[]> {
  const sequences = await client.query<{ table: string; column: string; sequence: string }>(
    `select class.relname as table, attname as column,
            pg_get_serial_sequence(quote_ident(class.relname), attname) as sequence
       from pg_class class join pg_attribute on attrelid = class.oid
      where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
        and pg_get_serial_sequence(quote_ident(class.relname), attname) is not null
      order by 1, 2`,
  );
  const values: SequenceValue[] = [];
  for (const { table, column, sequence } of sequences.rows) {
    const answer = await client.query<{ last_value: string; is_called: boolean }>(
      `select last_value::text, is_called from ${sequence}`,
    );
    values.push({ table, column, ...(answer.rows[0] as { last_value: string; is_called: boolean }) });
  }
  return values;
}

/** `table (column, …)`, quoted. */
export function copyTarget(client: pg.Client, { name, columns }: TableShape): string {
  const quoted = columns.map((column) => client.escapeIdentifier(column));
  return `${client.escapeIdentifier(name)} (${quoted.join(', ')})`;
}
