import type { Finding, Rule } from '../finding.ts';
import { isCode } from '../project.ts';

/** What must not be called, and what to call instead. */
export const BANNED: readonly { pattern: RegExp; what: string; instead: string }[] = [
  { pattern: /\bDate\.now\b/g, what: 'Date.now', instead: 'clock.now_ms()' },
  { pattern: /\bnew Date\b/g, what: 'new Date', instead: 'dateFrom(ms), and clock.now_ms() for the present' },
  { pattern: /\bperformance\.now\b/g, what: 'performance.now', instead: 'clock.monotonic_ms()' },
  { pattern: /\bprocess\.hrtime\b/g, what: 'process.hrtime', instead: 'clock.monotonic_ms()' },
  { pattern: /\bMath\.random\b/g, what: 'Math.random', instead: 'random.fraction()' },
  { pattern: /\brandomUUID\b/g, what: 'randomUUID', instead: 'randomName(random, length)' },
  {
    pattern: /\b(?:randomBytes|randomInt|getRandomValues)\b/g,
    what: 'a random source',
    instead: 'random.bytes(count)',
  },
  { pattern: /(?<!\.)\bsetTimeout\b/g, what: 'setTimeout', instead: 'clock.after() or clock.sleep()' },
  { pattern: /(?<!\.)\bsetInterval\b/g, what: 'setInterval', instead: 'clock.every()' },
  { pattern: /(?<!\.)\bsetImmediate\b/g, what: 'setImmediate', instead: 'clock.after(0, …)' },
  { pattern: /\bAbortSignal\.timeout\b/g, what: 'AbortSignal.timeout', instead: 'withTimeout(clock, …)' },
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
        for (const match of source.code.matchAll(ban.pattern)) {
          yield { file, line: source.lineAt(match.index), what: ban.what, instead: replacement(file, ban.instead) };
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
