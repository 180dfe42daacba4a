import type { Finding, Rule } from '../finding.ts';
import { isCode, isTest } from '../project.ts';

/** How a test waits, and the processes that the others drive: they sleep, and nothing else of a test does. */
const SLEEPERS = [
  /^src\/base\/testing\/(?:until|any-moment|virtual-clock|moving-time)\.ts$/,
  // Real servers and nodes, from outside: their own wait for a condition, and timeouts of what is asked of them.
  /^test\/e2e\/harness\/(?:wait|server|world)\.ts$/,
  /^test\/soak\//,
  // What is polled as the driver says, and what a process that is to be killed does meanwhile.
  /^src\/providers\/testing\/contract-calls\.ts$/,
  /^src\/store\/testing\/child-server\.ts$/,
  /^src\/queue\/testing\/child-worker\.ts$/,
  // Of many uploads at once, one more would come in this time.
  /^agent\/testing\/fake-http\.ts$/,
];

/** Tests of real processes, databases, disks and machines, which go by the machine's clock whatever we hand them. */
const REAL = [
  ...SLEEPERS,
  /^test\//,
  /^agent\/(?:tasks\/preflight|payloads\/run\/steps)\.test\.ts$/,
  /^src\/blobs\/(?:s3\.test|testing\/(?:fake-s3|contract-suite))\.ts$/,
  /^src\/cli\/testing\/run-command\.ts$/,
  /^src\/providers\/local\/testing\/try-driver\.ts$/,
  /^src\/server\/(?:stop|full-disk)\.test\.ts$/,
  /^src\/store\/(?:embedded\/start\.test|testing\/server)\.ts$/,
];

/** A test moves time and waits for what comes about: a fixed time is too long on one machine and too short on another. */
export const noSleeps: Rule = {
  name: 'no-sleeps',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!isTest(file) || !isCode(file)) continue;
      const may_sleep = SLEEPERS.some((pattern) => pattern.test(file));
      const is_real = REAL.some((pattern) => pattern.test(file));
      if (may_sleep) continue;
      const wanted = is_real ? 'systemClock.sleep' : 'systemClock';
      for (const { name, line } of project.source(file).uses) {
        if (name !== wanted) continue;
        yield {
          file,
          line,
          what: is_real ? 'a sleep' : "the machine's clock in a test",
          instead: is_real
            ? 'until(condition) of src/base/testing/until.ts'
            : 'virtualClock() and clock.advance(), driveTime() for the database, or until(condition) for other processes',
        };
      }
    }
  },
};
