/** Frames of the test runners and languages themselves, which say nothing about where a test failed. */
const FOREIGN =
  /node:|node_modules|\/site-packages\/|\/_pytest\/|internal\/|java\.base|org\.junit|\bsun\.|jdk\.internal/;

const FRAMES: readonly RegExp[] = [
  // JavaScript: at name (file:///dir/parser.test.js:41:7), and as vitest writes it: ❯ parser.test.js:41:7
  /(?:\(|at |@|❯ )(?:file:\/\/)?([^\s():]+\.[cm]?[jt]sx?):(\d+):\d+/,
  // Java and Kotlin: at com.acme.QuotesTest.nested(QuotesTest.java:41)
  /\(([\w$]+\.(?:java|kt|scala|groovy)):(\d+)\)/,
  // Python: tests/test_quotes.py:41: AssertionError
  /^\s*([^\s:]+\.py):(\d+):/,
  // Python: File "tests/test_quotes.py", line 41
  /File "([^"]+\.py)", line (\d+)/,
  // Go, C++ and the rest: quotes_test.go:41: …, quotes_test.cc:41
  /(?:^|\s)([^\s():]+\.(?:go|cc|cpp|cxx|c|h|rs|rb|php|cs)):(\d+)\b/,
];

const LINES_LOOKED_AT = 200;

/** `parser.test.js:41`: the first place in the trace that belongs to the tests, or null. Directories are left out. */
export function locationInTrace(trace: string): string | null {
  for (const line of trace.split('\n', LINES_LOOKED_AT)) {
    if (line.length > 1000 || FOREIGN.test(line)) continue;
    for (const frame of FRAMES) {
      const match = frame.exec(line);
      if (match) return `${baseName(match[1] as string)}:${match[2]}`;
    }
  }
  return null;
}

/** The part of a path after its last separator. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
