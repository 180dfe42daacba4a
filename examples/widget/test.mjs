// Runs the tests with Node's own runner: all of them, then up to two more times the files in which something failed.
// One JUnit file and one log an attempt. A test that passes in any attempt is at worst flaky, and does not fail the step.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';

const ATTEMPTS = 3;

rmSync('results', { recursive: true, force: true });
mkdirSync('results', { recursive: true });

const all = readdirSync('test')
  .filter((name) => name.endsWith('.test.js'))
  .sort()
  .map((name) => `test/${name}`);
let files = all;
let failedAlways = null;

for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
  console.log(`--- attempt ${attempt}: ${files.join(' ')}`);
  const report = `results/attempt-${attempt}.xml`;
  const child = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=junit',
      `--test-reporter-destination=${report}`,
      ...files,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 },
  );
  child.stdout.on('data', (data) => {
    process.stdout.write(data);
    appendFileSync(`results/attempt-${attempt}.log`, data);
  });
  const [status, signal] = await once(child, 'close');
  if (signal) {
    console.error(`The test runner did not end by itself: ${signal}`);
    process.exit(2);
  }
  const failed = readFailed(report);
  if (status !== 0 && failed.length === 0) {
    console.error(`The test runner ended with ${status}, and its report names no failed test.`);
    process.exit(2);
  }
  const names = new Set(failed.map((test) => test.name));
  failedAlways = new Set([...(failedAlways ?? names)].filter((name) => names.has(name)));
  // The later attempts run the same files, so that each test in them has as many votes as another.
  // Node before version 22 does not say which file a test is in: then it is all of them.
  const unknown = failed.some((test) => test.file === null);
  if (attempt === 1) files = unknown ? all : [...new Set(failed.map((test) => test.file))].sort();
  if (failed.length === 0 && attempt === 1) break;
}

for (const name of failedAlways) console.log(`failed in every attempt: ${name}`);
process.exit(failedAlways.size === 0 ? 0 : 1);

/** The failed tests of one report: `suite: test`, and the file that holds it. */
function readFailed(report) {
  const failed = [];
  const text = readFileSync(report, 'utf8');
  for (const [, attributes] of text.matchAll(/<testcase ([^>]*failure=[^>]*)>/g)) {
    const read = (name) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
    const file = read('file').split('/').pop();
    failed.push({ name: `${read('classname')}: ${read('name')}`, file: file === '' ? null : `test/${file}` });
  }
  return failed;
}
