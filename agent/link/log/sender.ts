import type { Timer } from '../../../src/base/clock.ts';
import { LOG_CHUNK_BYTES } from '../../../src/protocol/agent.ts';
import type { Context } from '../../context.ts';
import { passedThrough } from '../../memory.ts';
import type { LogSpool } from './spool.ts';

/** How the sender reaches the server. */
export interface LogChannel {
  /** False when there is no connection. */
  send(offset: number, data: Buffer): boolean;
  buffered_bytes(): number;
}

/** Small writes within this time go in one chunk. */
const COALESCE_MS = 60;
const GO_BACK_MS = 1_000;
/** Beyond this much that the network has not taken, sending waits, so that the chunks stay in the file. */
const BUFFER_BYTES = 256 * 2 ** 10;

/**
 * Sends the spool by offset: `acknowledged ≤ sent ≤ size`. Everything between is in flight and bounded by the window;
 * a new connection, or no answer in time, goes back to what was acknowledged.
 */
export class LogSender {
  readonly #context: Context;
  readonly #spool: LogSpool;
  readonly #channel: LogChannel;
  #connected = false;
  #acknowledged = 0;
  #sent = 0;
  #pumping: Timer | null = null;
  #overdue: Timer | null = null;
  #stopped = false;
  #wentBack = { offset: -1, at_ms: 0 };
  readonly #waiting = new Set<() => void>();

  constructor(context: Context, spool: LogSpool, channel: LogChannel) {
    this.#context = context;
    this.#spool = spool;
    this.#channel = channel;
  }

  /** There is more in the spool. */
  grown(): void {
    const soon = this.#spool.size_bytes() - this.#sent >= LOG_CHUNK_BYTES;
    this.#schedule(soon ? 0 : COALESCE_MS);
  }

  connected(): void {
    this.#connected = true;
    this.#sent = this.#acknowledged;
    this.#schedule(0);
  }

  disconnected(): void {
    this.#connected = false;
  }

  /** The server keeps everything below `offset`. */
  answered(offset: number, resend: boolean): void {
    const kept = Math.min(offset, this.#spool.size_bytes());
    if (kept < this.#acknowledged || (resend && this.#mayGoBack(kept))) this.#sent = kept;
    this.#sent = Math.max(this.#sent, kept);
    this.#acknowledged = kept;
    this.#overdue?.stop();
    this.#overdue = null;
    if (this.#isDrained()) for (const done of [...this.#waiting]) done();
    this.#schedule(0);
  }

  /** Resolves when the server keeps the whole log; never while it is away. */
  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    this.#schedule(0);
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        resolve();
      };
      this.#waiting.add(done);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#pumping?.stop();
    this.#overdue?.stop();
  }

  /** Every chunk in flight behind a gap is answered with the same wish: it is fulfilled once. */
  #mayGoBack(offset: number): boolean {
    const now_ms = this.#context.clock.monotonic_ms();
    if (offset === this.#wentBack.offset && now_ms - this.#wentBack.at_ms < GO_BACK_MS) return false;
    this.#wentBack = { offset, at_ms: now_ms };
    return true;
  }

  #isDrained(): boolean {
    return this.#acknowledged >= this.#spool.size_bytes();
  }

  #schedule(delay_ms: number): void {
    if (this.#stopped || !this.#connected) return;
    if (this.#pumping !== null && delay_ms > 0) return;
    this.#pumping?.stop();
    this.#pumping = this.#context.clock.after(delay_ms, () => {
      this.#pumping = null;
      this.#pump();
    });
  }

  #pump(): void {
    const { log_window_bytes } = this.#context.limits;
    while (this.#connected && this.#sent < this.#spool.size_bytes()) {
      const room_bytes = this.#acknowledged + log_window_bytes - this.#sent;
      if (room_bytes <= 0) break;
      if (this.#channel.buffered_bytes() > BUFFER_BYTES) {
        this.#schedule(20);
        break;
      }
      const data = this.#spool.read(this.#sent, Math.min(LOG_CHUNK_BYTES, room_bytes));
      if (data.length === 0 || !this.#channel.send(this.#sent, data)) break;
      this.#sent += data.length;
      passedThrough(data.length);
    }
    this.#watch();
  }

  /** What is in flight and unanswered for too long is sent again. */
  #watch(): void {
    if (this.#overdue !== null || this.#sent <= this.#acknowledged) return;
    this.#overdue = this.#context.clock.after(this.#context.limits.log_answer_ms, () => {
      this.#overdue = null;
      this.#sent = this.#acknowledged;
      this.#schedule(0);
    });
  }
}
