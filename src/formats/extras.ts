import { storable } from '../base/storable.ts';
import type { ParseLimits, Sink } from './contract.ts';

/** Hands on metrics, attachments and facts as far as the limits go, and counts the rest. */
export class Extras {
  readonly #sink: Sink;
  readonly #limits: ParseLimits;
  #given = 0;
  left_out = 0;

  constructor(sink: Sink, limits: ParseLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  metric(name: string, value: number, unit: string | null): void {
    if (this.#mayGive(name, unit ?? '')) this.#sink.metric({ name: storable(name), value, unit });
  }

  attachment(suite: string, name: string, path: string): void {
    if (this.#mayGive(path)) this.#sink.attachment({ suite, name, path: storable(path) });
  }

  fact(suite: string | null, name: string, value: string): void {
    if (name !== '' && this.#mayGive(name, value)) {
      this.#sink.fact({ suite, name: storable(name), value: storable(value) });
    }
  }

  #mayGive(...texts: readonly string[]): boolean {
    const fits = this.#given < this.#limits.extras;
    if (fits && texts.every((text) => text.length <= this.#limits.extra_characters)) {
      this.#given++;
      return true;
    }
    this.left_out++;
    return false;
  }
}
