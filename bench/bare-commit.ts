import { sql } from 'kysely';
import type { Clock } from '../src/base/clock.ts';
import type { Db } from '../src/store/schema/database.ts';

const NODES = 1_000;

/**
 * The floor of an assignment: one transaction that writes the same rows (a request, a node, its event) into tables of the
 * same shape, and nothing that decides anything.
 */
export class BareCommit {
  readonly #db: Db;
  readonly #clock: Clock;
  #count = 0;

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Makes the tables. */
  async prepare(): Promise<void> {
    for (const table of ['requests', 'nodes', 'node_events']) {
      const copy = sql.table(`bench_${table}`);
      await sql`create table ${copy} (like ${sql.table(table)} including defaults including indexes including identity)`.execute(
        this.#db,
      );
    }
    await sql`insert into bench_nodes (id, provider, node_type, labels, options, state, plan_reason)
      select 'n-' || number, 'bench', 'jammy', '{jammy}', '{}', 'ready', 'bench' from generate_series(1, ${NODES}::int)
      number`.execute(this.#db);
  }

  /** One commit; answers how long it took, milliseconds. */
  async once(): Promise<number> {
    this.#count += 1;
    const node_id = `n-${1 + (this.#count % NODES)}`;
    const began_ms = this.#clock.monotonic_ms();
    await this.#db.transaction().execute(async (tx) => {
      await sql`insert into bench_requests (expressions, requester) values ('{jammy}', 'bench')`.execute(tx);
      await sql`update bench_nodes set state = 'assigned', version = version + 1 where id = ${node_id}`.execute(tx);
      await sql`insert into bench_node_events (node_id, state, reason, actor) values (${node_id}, 'assigned', 'bench',
        'bench')`.execute(tx);
    });
    return this.#clock.monotonic_ms() - began_ms;
  }
}
