import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * How many tests passed and failed, by the reports of vitest's `json` reporter. A file that failed without a failed test
 * in it counts as one, and so does a report that is not there: the run itself failed then.
 */
export function countTests(reports) {
  let passed = 0;
  let failed = 0;
  for (const report of reports) {
    passed += report?.numPassedTests ?? 0;
    failed += report?.numFailedTests ?? 1;
    for (const file of report?.testResults ?? []) {
      const has_failed_test = file.assertionResults.some((test) => test.status === 'failed');
      if (file.status === 'failed' && !has_failed_test) failed += 1;
    }
  }
  return { passed, failed };
}

/** The last line of `.ci/run`, of the reports in these files. */
export function countLine(files) {
  const { passed, failed } = countTests(files.map(readReport));
  return `${passed} passed, ${failed} failed`;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${countLine(process.argv.slice(2))}\n`);
