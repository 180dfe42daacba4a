import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { GroundcrewError } from '../../base/errors/error.ts';
import { nearest } from '../../base/suggest.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import { readTextFile } from '../../schema/yaml/file.ts';
import type { Client } from '../connect.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-status.ts';
import type { Group } from '../group.ts';
import { UsageError } from '../tell-error.ts';
import { plainText } from '../text/plain.ts';
import { startProgress } from '../text/progress.ts';
import { runStatus } from '../text/status.ts';
import { tableLines } from '../text/table.ts';
import { noteImpossible, waitForRuns } from '../wait-for-runs.ts';

type Submission = Operations['submit']['answer'];
type Values = Readonly<Record<string, string>>;

interface SubmitFlags {
  checkout?: string;
  var: Values;
  wait?: boolean;
}

/** `groundcrew job submit`: everything that can be wrong with the file is told before anything is sent. */
export function addJobSubmit(job: Group): void {
  job.add<[file: string], SubmitFlags>({
    usage: 'submit [file]',
    description: 'Hand in the work of a job file (job.yaml), with its sources',
    example: 'groundcrew job submit job.yaml --var GIT_COMMIT=$(git rev-parse HEAD) --wait',
    notes:
      'The directory that "checkout" names, relative to the job file, is packed and sent along: in a git\n' +
      'work tree all that git does not ignore, edits and an untracked .env included, else all of it. Variables\n' +
      'that the file names come from --var or the environment; no others are sent. The status is 1 when nothing\n' +
      'that is configured can ever serve one of the runs, such as after a mistyped label.',
    flags(command) {
      command
        .option('--checkout <directory>', 'send this directory instead of the one that the file names')
        .option('--var <name=value>', 'a variable that the file names; may be given again', collect, {})
        .option('--wait', 'follow the runs; status 0 only when every one passed, else 3');
      command.configureOutput({
        // What other programs call it; too far from ours to be a mistyped one.
        outputError: (text, write) =>
          write(text.replace(/unknown option '--(watch|follow)'$/m, '$&\n(Did you mean --wait?)')),
      });
      const flag = command.options.find((option) => option.long === '--var');
      if (flag !== undefined) flag.defaultValueDescription = 'the environment';
    },
    async work(context, flags, file = 'job.yaml') {
      const { text, variables, checkout } = await readJob(context, file, flags);
      const client = context.client();
      // Before the sources are packed: is the server there, and does it know us?
      await client.call('whoAmI');
      const archive = checkout === null ? {} : { checkout: await upload(context, client, checkout) };
      const body = { job_file: text, file: basename(file), variables, ...archive };
      const submission = await client.call('submit', { body });
      if (flags.wait === true) return await waitForRuns(context, client, submission);
      if (context.json) context.sayJson(submission);
      else saySubmission(context, submission);
      return submission.impossible.length === 0 ? EXIT.fine : EXIT.error;
    },
  });
}

function collect(text: string, before: Values): Values {
  const border = text.indexOf('=');
  if (border < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.');
  return { ...before, [text.slice(0, border)]: text.slice(border + 1) };
}

/** The text, what it needs from here, and which directory goes along. Errors: GC1601, GC1044. */
async function readJob(
  context: Context,
  file: string,
  flags: SubmitFlags,
): Promise<{ text: string; variables: Record<string, string>; checkout: string | null }> {
  // Loaded when it is needed, since other commands have no use for it.
  const { MAX_JOB_FILE_BYTES, parseJobFile, variablesOfJobFile } = await import('../../runs/jobfile/parse.ts');
  const { directory, environment } = context.home;
  const path = resolve(directory, file);
  const found = readTextFile(path, MAX_JOB_FILE_BYTES);
  if (!('text' in found)) throw new GroundcrewError('GC1044', { file, detail: `${found.problem}.` });
  const named = variablesOfJobFile(found.text, file);
  const stranger = Object.keys(flags.var).find((name) => !named.includes(name));
  if (stranger !== undefined) {
    const meant = nearest(stranger, named);
    const hint = meant === null ? '' : ` Did you mean ${meant}?`;
    throw new UsageError(`--var ${stranger}: ${file} does not name this variable.${hint}`);
  }
  const variables: Record<string, string> = {};
  for (const name of named) {
    const value = Object.hasOwn(flags.var, name) ? flags.var[name] : environment[name];
    if (value !== undefined) variables[name] = value;
  }
  const plan = parseJobFile(found.text, file, variables);
  const named_directory = plan.checkout === null ? null : resolve(dirname(path), plan.checkout.directory);
  const checkout = flags.checkout === undefined ? named_directory : resolve(directory, flags.checkout);
  if (plan.checkout === null && flags.checkout !== undefined) {
    throw new UsageError(`--checkout: ${file} has no "checkout", so its nodes fetch no sources. Add: checkout: .`);
  }
  if (checkout !== null && flags.checkout === undefined && !existsSync(checkout)) {
    const name = plan.checkout?.directory ?? '';
    throw new GroundcrewError('GC1017', { directory: checkout, detail: noSuchCheckout(found.text, file, name) });
  }
  return { text: found.text, variables, checkout };
}

/** With the line that names it, where that is easily known. */
function noSuchCheckout(text: string, file: string, name: string): string {
  const line = text.split('\n').findIndex((candidate) => /^["']?checkout["']?\s*:/.test(candidate));
  const place = line < 0 ? file : `${file}:${line + 1}`;
  return `there is no such directory. It is named at ${place} by: checkout: ${name}`;
}

async function upload(context: Context, client: Client, directory: string): Promise<string> {
  const progress = startProgress(context, 'packing and sending the sources', null);
  const { uploadCheckout } = await import('../upload.ts');
  try {
    return (await uploadCheckout(client, [directory], (count) => progress.add(count))).checkout;
  } finally {
    progress.end();
  }
}

/** The head and a line a run. */
export function saySubmission(context: Context, submission: Submission): void {
  const { id, project, build, runs } = submission;
  const count = `${runs.length} run${runs.length === 1 ? '' : 's'}`;
  const sign = submission.impossible.length === 0 ? '✓' : '!';
  context.say(plainText(`${sign} submission ${id}: ${project}@${build}, ${count}`));
  const columns = [
    { title: '  Run', right: true },
    { title: 'state' },
    { title: 'environment', least: 10, cut: 'middle' },
    { title: 'job', least: 10, cut: 'middle' },
  ] as const;
  const rows = runs.map((run) => [`  ${run.id}`, runStatus(run, context.paint), run.environment, run.job]);
  context.sayAll(tableLines(columns, rows, context.width, context.paint));
  noteImpossible(context, submission);
  const first = runs.find((run) => submission.impossible.every(({ run_id }) => run_id !== run.id));
  if (first !== undefined) context.say(context.typed(`Follow one with: groundcrew run log -f ${first.id}`));
}
