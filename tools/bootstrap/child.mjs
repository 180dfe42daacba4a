import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { endingWithParent } from './parent-death.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
/** What a terminal itself sends to the whole foreground process group. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'];

/**
 * Runs a program in this one's place: same streams, signals passed on, and in the end its status (or its signal).
 * When this process is killed, the child is told to end.
 * Resolves with the status to exit with; when a signal ended the child, this process ends by the same signal.
 */
export async function become(command, parameters, options = {}) {
  const [file, words] = endingWithParent('SIGTERM', command, parameters);
  const child = spawn(file, words, { stdio: 'inherit', ...options });
  const forward = (signal) => {
    if (FROM_TERMINAL.includes(signal) && inForeground()) return;
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`Cannot run ${command}: ${error.message}`, { cause: error })));
    child.once('exit', (...ending) => resolve(ending));
  });
  for (const name of FORWARDED) process.off(name, forward);
  if (signal === null) return code;
  process.kill(process.pid, signal);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return 1;
}

/** Is this process in its terminal's foreground group, so that Ctrl-C has reached the child already? */
function inForeground() {
  try {
    return isForegroundStat(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return false;
  }
}

/** Fields 5 (pgrp), 7 (tty_nr) and 8 (tpgid) of proc(5)'s stat. */
export function isForegroundStat(stat) {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[4] !== '0' && fields[2] === fields[5];
}
