const WIDTH = 57;

/** `  ✓ built                       2.1 s`: the seconds stand in one column, as in everything that follows. */
export function doneLine(text, duration_ms) {
  const seconds = `${(duration_ms / 1000).toFixed(1)} s`;
  return `  ✓ ${text.padEnd(WIDTH - seconds.length)}${seconds}`;
}

/**
 * Tells a person what takes time: in place on a terminal, one line when it is done elsewhere.
 * Returns what the work returns; when it fails the line is wiped and the error goes on.
 */
export async function withProgress(stream, doing, done, work) {
  const start = performance.now();
  const elapsed_ms = () => performance.now() - start;
  const draw = () => stream.write(`\r\x1b[K  · ${doing} ${Math.round(elapsed_ms() / 1000)} s`);
  const timer = stream.isTTY ? setInterval(draw, 500) : undefined;
  const wipe = () => {
    clearInterval(timer);
    if (stream.isTTY) stream.write('\r\x1b[K');
  };
  try {
    const value = await work();
    wipe();
    stream.write(`${doneLine(done, elapsed_ms())}\n`);
    return value;
  } catch (error) {
    wipe();
    throw error;
  }
}
