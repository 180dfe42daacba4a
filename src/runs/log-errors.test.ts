import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_PATTERNS, isErrorLine, plainLine } from '../protocol/log-errors.ts';
import { LogScanner } from './log-scan.ts';

/** One line or more of what each tool really prints. */
const EXAMPLES: Record<string, string[]> = {
  'error with a colon': [
    "main.c:3:5: error: expected ';' before 'return'",
    'error[E0308]: mismatched types',
    'src/a.ts(3,1): error TS2322: Type',
    'error: failed to push some refs',
    'Error: connect ECONNREFUSED 127.0.0.1:1',
    'x.c:1: fatal error: no.h: No such file or directory',
  ],
  'an exception by name': [
    'AssertionError: expected 1 to equal 2',
    'TypeError [ERR_X]: bad',
    'java.lang.NullPointerException',
  ],
  npm: ['npm ERR! code ELIFECYCLE', 'npm error code E404'],
  'GitHub and Azure annotations': ['##[error]Process completed', '::error file=a.js::bad'],
  'Python trace': ['Traceback (most recent call last):'],
  'Go panic': ['panic: runtime error: index out of range', 'fatal error: all goroutines are asleep - deadlock!'],
  'Rust panic': ["thread 'main' panicked at src/main.rs:2:5:"],
  'Java trace': ['Exception in thread "main" x'],
  kernel: [
    '[   12.3] Kernel panic - not syncing: VFS',
    '[ 1.0] BUG: unable to handle page fault',
    'Out of memory: Killed process 12 (x)',
  ],
  sanitizers: ['==12==ERROR: AddressSanitizer: heap-use-after-free', 'WARNING: ThreadSanitizer: data race (pid=1)'],
  crash: ['Segmentation fault (core dumped)', "a.out: a.c:3: main: Assertion `x' failed."],
  shell: ['sh: 1: nope: not found', 'bash: nope: command not found', 'cat: x: No such file or directory'],
  make: ['make[1]: *** [Makefile:3: all] Error 2'],
  TAP: ['not ok 3 - adds', '    not ok 1 - inner', 'Bail out! no database'],
  'GoogleTest, CTest': ['[  FAILED  ] Suite.Test (0 ms)', '1/3 Test #1: a ....***Failed    0.01 sec'],
  'Go test': ['--- FAIL: TestAdd (0.00s)', 'FAIL\texample.com/x\t0.01s'],
  'FAILED in capitals': ['test_a.py::test_b FAILED [ 50%]', 'test result: FAILED. 1 passed'],
  'test marks': ['  ✖ adds (0.5ms)', '✗ nope', '   × renders'],
  Maven: ['[ERROR] Tests run: 3'],
  pytest: ['E       assert 1 == 2', '=================== FAILURES ==================='],
  'log levels': ['2026-01-01 12:00:00 FATAL: out of disk', '[CRITICAL] x'],
};

describe('what counts as an error in a log', () => {
  it.each(ERROR_PATTERNS.map(({ name, pattern }) => [name, pattern] as const))('%s', (name, pattern) => {
    const examples = EXAMPLES[name] ?? [];
    expect(examples).not.toEqual([]);
    for (const example of examples) {
      expect(pattern.test(example), example).toBe(true);
      expect(isErrorLine(`\u001b[31m${example}\u001b[0m\r`), example).toBe(true);
    }
  });

  it.each([
    '0 errors, 0 warnings',
    'Tests run: 3, failures: none',
    'Errors: 0',
    'ok 3 - reports an error',
    'not ok 4 - later # TODO not written yet',
    'not ok 5 # SKIP no network',
    '+ grep error: log.txt',
    'compiling error.c',
    '✔ shows ✖ for failures',
    'Terror: a film',
    'handled without failing',
    'npm install --no-errors',
  ])('is not: %s', (line) => expect(isErrorLine(line)).toBe(false));

  it('reads what a progress line ended as', () => {
    expect(plainLine('10 %\r50 %\rerror: cut\r')).toBe('error: cut');
  });
});

describe('scanning a log', () => {
  const anyLog = fc
    .array(fc.constantFrom('fine', '', 'error: bad', 'grün ✖', '✖ grün', 'x'.repeat(9000), 'é'), { maxLength: 12 })
    .chain((lines) => fc.boolean().map((ended) => Buffer.from(lines.join('\n') + (ended ? '\n' : ''))));

  it('comes to the same however the bytes are cut', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat(40_000), { maxLength: 8 }), (log, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (log.length + 1)), log.length].sort((left, right) => left - right);
        const scanner = new LogScanner();
        for (let index = 1; index < at.length; index++) scanner.push(log.subarray(at[index - 1], at[index]));
        const scan = scanner.end();
        const lines = log.toString().split('\n');
        if (lines.at(-1) === '') lines.pop();
        const first = lines.findIndex(isErrorLine);
        expect(scan.lines).toBe(lines.length);
        expect(scan.bytes).toBe(log.length);
        expect(scan.first_error_line).toBe(first === -1 ? null : first + 1);
        const before = lines.slice(0, Math.max(first, 0)).map((line) => Buffer.byteLength(line) + 1);
        expect(scan.first_error_offset).toBe(first === -1 ? null : before.reduce((sum, size) => sum + size, 0));
      }),
    );
  });
});
