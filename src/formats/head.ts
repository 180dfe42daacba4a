/** So many bytes are enough to tell formats apart. */
export const HEAD_BYTES = 4096;

/** The first bytes of a stream (at least `HEAD_BYTES`, or all there are), and the whole stream again. */
export async function headOf(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> }> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const rest = stream[Symbol.asyncIterator]();
  while (bytes < HEAD_BYTES) {
    const next = await rest.next();
    if (next.done === true) break;
    pieces.push(next.value);
    bytes += next.value.length;
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces;
      for (;;) {
        const next = await rest.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await rest.return?.();
    }
  };
  return { head: Buffer.concat(pieces), whole: whole() };
}
