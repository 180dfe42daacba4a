import { LOCK_ORDER } from '../lock-order.ts';
import { onStatement, type SentStatement } from './statements.ts';

/** A lock that waits for others: an update, a delete, an insert that may meet a row, a read that locks. */
const LOCKS =
  /(?<!\bfor |\bkey |\bdo )\bupdate (?<updated>\w+)|\bdelete from (?<deleted>\w+)|\binsert into (?<inserted>\w+)(?=(?:(?!\binsert into\b).)*?\bon conflict\b)|\bfor (?:no key update|update|share)\b(?: of (?<of>\w+))?(?! of)(?<skipped> skip locked)?/g;
const FROM =
  /\b(?:from|join) (?<table>\w+)(?: (?:as )?(?!(?:join|left|right|cross|inner|on|using|where|order|group|limit|for)\b)(?<alias>\w+))?/g;

/** The tables of which a statement locks rows, in the order in which its text names them. */
export function lockedTables(text: string): string[] {
  const plain = text
    .replace(/\/\*.*?\*\/|--[^\n]*/gs, ' ')
    .replaceAll('"', '')
    .replace(/\s+/g, ' ')
    .toLowerCase();
  const tables: string[] = [];
  for (const { groups = {}, index } of plain.matchAll(LOCKS)) {
    const { updated, deleted, inserted, of, skipped } = groups;
    // What is skipped is not waited for.
    if (skipped !== undefined) continue;
    const table = updated ?? deleted ?? inserted ?? readTable(plain.slice(0, index), of);
    if (table !== undefined && !tables.includes(table)) tables.push(table);
  }
  return tables;
}

// The table that a locking read names, or else the last one that it reads.
function readTable(before: string, of: string | undefined): string | undefined {
  const read = [...before.matchAll(FROM)].map(({ groups }) => groups as { table: string; alias?: string });
  if (of === undefined) return read.at(-1)?.table;
  return read.findLast(({ table, alias }) => alias === of || table === of)?.table ?? of;
}

interface Transaction {
  /** The tables of which rows are locked, each with the statement that did it first. */
  locked: Map<string, string>;
}

/** Follows transactions; says of each that locks against the order which two statements disagree. */
export class LockTrace {
  readonly problems: string[] = [];
  readonly #open = new WeakMap<object, Transaction>();
  readonly #order: readonly string[];

  constructor(order: readonly string[] = LOCK_ORDER) {
    this.#order = order;
  }

  hear({ connection, text, rows }: SentStatement): void {
    if (/^\s*(begin|start transaction)\b/i.test(text)) this.#open.set(connection, { locked: new Map() });
    else if (/^\s*(commit|rollback)\s*;?\s*$/i.test(text)) this.#open.delete(connection);
    else this.#lock(this.#open.get(connection), text, rows);
  }

  #lock(transaction: Transaction | undefined, text: string, rows: Promise<number>): void {
    // A statement of its own is a transaction that ends with it.
    if (transaction === undefined) return;
    for (const table of lockedTables(text)) {
      if (transaction.locked.has(table)) continue;
      const rank = this.#order.indexOf(table);
      const before = [...transaction.locked].find(([other]) => rank < this.#order.indexOf(other));
      if (rank < 0) this.problems.push(`locks rows of ${table}, which is not in LOCK_ORDER:\n${shown(text)}`);
      else if (before !== undefined) {
        const [other, statement] = before;
        this.problems.push(
          `locks ${table} after ${other}; LOCK_ORDER has them the other way round:\n${shown(statement)}\nthen\n${shown(text)}`,
        );
      }
      // It waits for others whatever it finds then, and holds nothing when it finds nothing.
      void rows.then((count) => count > 0 && transaction.locked.set(table, text)).catch(() => undefined);
    }
  }
}

const shown = (text: string): string => `  ${text.trim().replace(/\s+/g, ' ').slice(0, 400)}`;

/** Follows every transaction of this process until it is stopped; that throws when one locked against the order. */
export function traceLocks(): { stop(): void } {
  const trace = new LockTrace();
  const listening = onStatement((statement) => trace.hear(statement));
  return {
    stop() {
      listening.stop();
      if (trace.problems.length > 0) throw new Error(`A transaction ${trace.problems.join('\nA transaction ')}`);
    },
  };
}
