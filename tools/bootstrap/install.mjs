import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hiddenLock, whyInstall } from './installed.mjs';
import { endingWithParent } from './parent-death.mjs';
import { STATE_DIRECTORY } from './paths.mjs';

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * Runs `npm ci`, its output in a log that is shown when it fails. Development packages are always taken along (a
 * `NODE_ENV=production` of the caller would leave the bundler out), and no package needs its install script.
 */
export async function install(root) {
  mkdirSync(STATE_DIRECTORY, { recursive: true });
  rmSync(hiddenLock(root), { force: true });
  const log = join(STATE_DIRECTORY, 'npm-ci.log');
  const [command, prefix] = npmCommand(process.env, process.execPath);
  const parameters = [...prefix, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const status = await runLogged(command, parameters, root, log);
  const problem = status === 0 ? whyInstall(root) : `npm ci ended with ${status}`;
  if (problem === null) return;
  throw new Error(`Cannot install the packages: ${problem}. From ${log}:\n${telling(readFileSync(log, 'utf8'), 15)}`);
}

/** npm as the caller runs it, when it does; else the one in PATH. */
export function npmCommand(environment, node) {
  const script = environment.npm_execpath;
  return script && /npm-cli\.[cm]?js$/.test(script) ? [node, [script]] : ['npm', []];
}

/** The lines of npm's log that tell why: the first of its errors (its usage follows them), else the last lines. */
export function telling(text, count) {
  const lines = text.trimEnd().split('\n');
  const errors = lines.filter((line) => /^npm (error|ERR!)\s+\S/.test(line));
  return (errors.length > 0 ? errors.slice(0, count) : lines.slice(-count)).join('\n');
}

function runLogged(command, parameters, cwd, log) {
  const output = openSync(log, 'w');
  return new Promise((resolve, reject) => {
    const [file, words] = endingWithParent('SIGKILL', command, parameters);
    const child = spawn(file, words, { cwd, stdio: ['ignore', output, output], timeout: INSTALL_TIMEOUT_MS });
    child.once('error', (error) => reject(new Error(`Cannot run ${command}: ${error.message}`, { cause: error })));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  }).finally(() => closeSync(output));
}
