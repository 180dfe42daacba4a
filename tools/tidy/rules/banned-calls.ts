import type { Finding, Rule } from '../finding.ts';
import { isCode } from '../project.ts';

/** What must not be used, and what to use instead. A name ends the pattern, whatever it is taken from. */
export const BANNED: readonly { pattern: RegExp; what: string; instead: string }[] = [
  { pattern: /\bDate\.now$/, what: 'Date.now', instead: 'clock.now_ms()' },
  { pattern: /^new Date$/, what: 'new Date', instead: 'dateFrom(ms), and clock.now_ms() for the present' },
  { pattern: /\bperformance\.now$/, what: 'performance.now', instead: 'clock.monotonic_ms()' },
  { pattern: /\bprocess\.hrtime$/, what: 'process.hrtime', instead: 'clock.monotonic_ms()' },
  { pattern: /\bMath\.random$/, what: 'Math.random', instead: 'random.fraction()' },
  { pattern: /\brandomUUID$/, what: 'randomUUID', instead: 'randomName(random, length)' },
  { pattern: /\b(?:randomBytes|randomInt|getRandomValues)$/, what: 'a random source', instead: 'random.bytes(count)' },
  { pattern: /^(?:globalThis\.|window\.)?setTimeout$/, what: 'setTimeout', instead: 'clock.after() or clock.sleep()' },
  { pattern: /^(?:globalThis\.|window\.)?setInterval$/, what: 'setInterval', instead: 'clock.every()' },
  { pattern: /^(?:globalThis\.)?setImmediate$/, what: 'setImmediate', instead: 'clock.after(0, …)' },
  { pattern: /\bAbortSignal\.timeout$/, what: 'AbortSignal.timeout', instead: 'withTimeout(clock, …)' },
];

const TIMER_MODULES = ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'];

/** The few places that are the clock or the random source of their side. */
function isAllowed(file: string): boolean {
  return file.startsWith('src/base/') || file === 'web/src/clock.ts' || /^(tools|bin|examples)\/.*\.m?js$/.test(file);
}

/** Time and chance come from what was handed in, so that a test or a simulation can drive them. */
export const bannedCalls: Rule = {
  name: 'banned-calls',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!isCode(file) || isAllowed(file)) continue;
      const source = project.source(file);
      for (const ban of BANNED) {
        for (const { name, line } of source.uses) {
          if (ban.pattern.test(name)) yield { file, line, what: ban.what, instead: replacement(file, ban.instead) };
        }
      }
      for (const line of source.imports) {
        if (!TIMER_MODULES.includes(line.specifier)) continue;
        yield { file, line: line.line, what: `import of ${line.specifier}`, instead: 'the Clock that is handed in' };
      }
    }
  },
};

function replacement(file: string, instead: string): string {
  return file.startsWith('web/') ? `web/src/clock.ts (${instead})` : instead;
}
