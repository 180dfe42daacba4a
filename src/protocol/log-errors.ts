import { lastDrawn, stripTerminal } from './terminal.ts';

/**
 * What counts as the first error of a log: the place where the run's page opens it. A line fits when one of these
 * does, after colours were taken out of it and unless it is one of `NOT_ERRORS`. Each has examples in the tests.
 * Server and dashboard look with the same patterns.
 */
export const ERROR_PATTERNS: readonly { name: string; pattern: RegExp }[] = [
  // gcc, clang, rustc, tsc, npm, make, shells: `main.c:3:5: error: …`, `error[E0308]: …`, `npm ERR! …`
  {
    name: 'error with a colon',
    pattern: /(?:^|[\s:([])(?:fatal )?error(?: ?[([][A-Z]{1,4}\d{1,6}[)\]]| [A-Z]{1,4}\d{1,6})?:/i,
  },
  { name: 'an exception by name', pattern: /(?:^|[\s:])[A-Za-z_$][\w.$]*(?:Error|Exception)(?: \[[A-Z_]+\])?(?::|$)/ },
  { name: 'npm', pattern: /^npm (?:ERR!|error\b)/ },
  { name: 'GitHub and Azure annotations', pattern: /^##(?:\[error\]|vso\[.*type=error)|^::error\b/ },
  { name: 'Python trace', pattern: /^\s*Traceback \(most recent call last\):/ },
  { name: 'Go panic', pattern: /^panic: |^fatal error: / },
  { name: 'Rust panic', pattern: /^thread '.*'(?: \(\d+\))? panicked at / },
  { name: 'Java trace', pattern: /^Exception in thread "/ },
  { name: 'kernel', pattern: /Kernel panic - not syncing|\bBUG: |\bOops: |Out of memory: Killed process/ },
  { name: 'sanitizers', pattern: /ERROR: \w+Sanitizer: |WARNING: ThreadSanitizer: / },
  { name: 'crash', pattern: /\b(?:Segmentation fault|core dumped|Bus error|Assertion .*failed|assertion failed)\b/i },
  { name: 'shell', pattern: /: (?:command not found|not found|No such file or directory|Permission denied)$/ },
  { name: 'make', pattern: /^make(?:\[\d+\])?: \*\*\* / },
  { name: 'TAP', pattern: /^\s*not ok\b(?!.*# ?(?:TODO|SKIP)\b)|^Bail out!/i },
  { name: 'GoogleTest, CTest', pattern: /^\[ {2}FAILED {2}\]|\*\*\*(?:Failed|Timeout|Exception)/ },
  { name: 'Go test', pattern: /^\s*--- FAIL: |^FAIL\s/ },
  { name: 'FAILED in capitals', pattern: /(?:^|\s)FAILED(?:$|[\s:.([])/ },
  { name: 'test marks', pattern: /^\s*(?:✖|✗|✘|✕|❌|×)\s/u },
  { name: 'Maven', pattern: /^\[ERROR\]/ },
  { name: 'pytest', pattern: /^E {3,}\S|^={3,} (?:FAILURES|ERRORS) ={3,}$/ },
  { name: 'log levels', pattern: /^(?:\S+ ){0,3}(?:\[)?(?:FATAL|CRITICAL)(?:\])?[\s:]/ },
];

/** Lines that only look like an error: counts of none, and names. */
export const NOT_ERRORS: readonly RegExp[] = [
  /\b(?:0|no) (?:errors?|failures?|failed)\b/i,
  /\berrors?: 0\b/i,
  /\bFAILED:? 0\b/,
  /\[ {2}FAILED {2}\] 0 tests/,
  // The command itself, as `set -x` prints it.
  /^\++ /,
];

/**
 * A line that fits any of `ERROR_PATTERNS` fits this one too. Nearly all lines of a log do not, and one pattern is told
 * sooner than twenty.
 */
const MAY_BE_ERROR =
  /err|exception|fail|fatal|critical|traceback|panic|bug:|oops:|out of memory|sanitizer|segmentation|core dumped|assertion|not found|no such file|permission denied|\*\*\*|not ok|bail out|[✖✗✘✕❌×]|^E {3}/i;

/** A line without colours and other terminal sequences; of a line that was drawn over with CR, the last state. */
export function plainLine(line: string): string {
  const text = line.includes('\u001b') || line.includes('\u009b') ? stripTerminal(line) : line;
  return line.includes('\r') ? lastDrawn(text) : text;
}

/** Is this line an error? */
export function isErrorLine(line: string): boolean {
  const plain = plainLine(line);
  if (!MAY_BE_ERROR.test(plain)) return false;
  return (
    ERROR_PATTERNS.some(({ pattern }) => pattern.test(plain)) && !NOT_ERRORS.some((pattern) => pattern.test(plain))
  );
}
