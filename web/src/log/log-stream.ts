import { after } from '../clock.ts';

const AGAIN_MS = 2000;

interface StreamListener {
  /** Bytes from an offset on; after a break some may come twice. */
  onBytes(offset: number, bytes: Uint8Array): void;
  /** The log is complete. */
  onEnd(): void;
}

/** A run's log as it grows: goes on where it was after a break, and rests while the page is hidden. */
export class LogStream {
  readonly #address: string;
  readonly #listener: StreamListener;
  #source: EventSource | null = null;
  #offset = 0;
  #wanted = false;
  #stopAgain = (): void => undefined;

  constructor(address: string, listener: StreamListener) {
    this.#address = address;
    this.#listener = listener;
  }

  start(offset: number): void {
    this.#offset = offset;
    this.#wanted = true;
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
  }

  stop(): void {
    this.#wanted = false;
    document.removeEventListener('visibilitychange', this.#look);
    this.#close();
  }

  readonly #look = (): void => {
    if (document.hidden || !this.#wanted) this.#close();
    else this.#open();
  };

  #close(): void {
    this.#stopAgain();
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    if (this.#source !== null) return;
    const source = new EventSource(`${this.#address}?offset=${this.#offset}`);
    this.#source = source;
    source.addEventListener('log', (event) => {
      const { data, lastEventId } = event as MessageEvent<string>;
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      const end = Number(lastEventId);
      this.#offset = end;
      this.#listener.onBytes(end - bytes.length, bytes);
    });
    source.addEventListener('end', () => {
      this.stop();
      this.#listener.onEnd();
    });
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
      this.#source = null;
      this.#stopAgain = after(AGAIN_MS, this.#look);
    });
  }
}
