import { PreparingClient } from '../prepared.ts';

/** A statement as it was sent: by which connection, and with what. */
export interface SentStatement {
  connection: object;
  text: string;
  /** How many rows it answered or changed; rejects when it fails. */
  rows: Promise<number>;
}

type Hear = (statement: SentStatement) => void;

const hearers = new Set<Hear>();
let listens = false;

/** Tells of every statement that a pool of this process sends, until it is stopped. */
export function onStatement(hear: Hear): { stop(): void } {
  if (!listens) listen();
  hearers.add(hear);
  return { stop: () => void hearers.delete(hear) };
}

function listen(): void {
  listens = true;
  const query = PreparingClient.prototype.query as (...call: never[]) => never;
  PreparingClient.prototype.query = function traced(this: PreparingClient, ...call: never[]): never {
    const [first] = call as unknown as [string | { text?: string }];
    const text = typeof first === 'string' ? first : (first?.text ?? '');
    const answer: unknown = query.apply(this, call);
    const rows = Promise.resolve(answer).then((result) => (result as { rowCount?: number | null })?.rowCount ?? 0);
    rows.catch(() => undefined);
    for (const hear of hearers) hear({ connection: this, text, rows });
    return answer as never;
  };
}

/** How many statements this work sends, transactions' begin and commit among them. */
export async function countStatements(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const listening = onStatement(() => {
    count += 1;
  });
  try {
    await work();
  } finally {
    listening.stop();
  }
  return count;
}
