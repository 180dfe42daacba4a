import pg from 'pg';

const MARK = /^\/\* prepared ([a-z0-9-]+) \*\//;

/**
 * A client that has the server parse and plan a marked statement once a connection: one whose text begins with
 * the comment `prepared NAME`. For the few statements that run thousands of times a second, planning costs as much as doing.
 */
export class PreparingClient extends pg.Client {
  // pg's own signature has nine forms; all but one are handed through.
  override query(...call: never[]): never {
    const [text, values] = call as unknown as [unknown, unknown];
    const name = typeof text === 'string' ? MARK.exec(text)?.[1] : undefined;
    const query = super.query as (...call: unknown[]) => never;
    return name === undefined ? query.apply(this, call) : query.call(this, { name, text, values });
  }
}
