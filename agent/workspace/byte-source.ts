/** Exact pieces out of a stream of chunks, in memory bounded by the piece asked for. */
export class ByteSource {
  readonly #input: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  #left_bytes = 0;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input[Symbol.asyncIterator]();
  }

  /** Exactly `count` bytes; null when the stream ended before the first of them and `mayEnd` says that it may. */
  async take(count: number, mayEnd: boolean): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    let have = 0;
    while (have < count) {
      const part = await this.#some(count - have);
      if (part === null) {
        if (mayEnd && have === 0) return null;
        throw new Error('it is cut short');
      }
      parts.push(part);
      have += part.length;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  /** The next `size_bytes` as they come. */
  body(size_bytes: number): AsyncIterable<Buffer> {
    this.#left_bytes = size_bytes;
    const next = async (): Promise<IteratorResult<Buffer>> => {
      if (this.#left_bytes === 0) return { done: true, value: undefined };
      const part = await this.#some(this.#left_bytes);
      if (part === null) throw new Error('it is cut short');
      this.#left_bytes -= part.length;
      return { done: false, value: part };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  /** Passes over what is left of the last body. */
  async skipRest(): Promise<void> {
    for await (const _part of this.body(this.#left_bytes));
  }

  /** Reads to the end, keeping nothing. */
  async drain(): Promise<void> {
    while ((await this.#some(2 ** 20)) !== null);
  }

  async #some(most: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const next = await this.#input.next();
      if (next.done) return null;
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
