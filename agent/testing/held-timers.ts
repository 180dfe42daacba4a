import { systemClock } from '../../src/base/clock.ts';

/**
 * Loaded before the agent's program: its timers of HELD_MS strike at SIGUSR2, when the test has seen that everything is
 * in place, not when the time has come. How long a payload takes to begin says nothing about what ends it.
 */
const held_ms = Number(process.env.HELD_MS);
const held = new Set<() => void>();
const { after } = systemClock;
let struck = false;

systemClock.after = (delay_ms, callback, options) => {
  if (delay_ms !== held_ms) return after(delay_ms, callback, options);
  if (struck) return after(0, callback, options);
  held.add(callback);
  return { stop: () => void held.delete(callback) };
};

process.once('SIGUSR2', () => {
  struck = true;
  for (const callback of held) callback();
});
