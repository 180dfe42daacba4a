import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GroundcrewError } from '../../base/errors/error.ts';
import { nearest } from '../../base/suggest.ts';
import { formatSize } from '../../base/units.ts';
import type { Operations } from '../../protocol/client.generated.ts';
import type { Client } from '../connect.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { UsageError } from '../tell-error.ts';
import { runOf } from '../text/arguments.ts';
import { fileError } from '../text/file-error.ts';
import { plainText } from '../text/plain.ts';
import { startProgress } from '../text/progress.ts';
import { unreachable } from '../unreachable.ts';

type Artifact = Operations['getRun']['answer']['artifacts'][number];

interface GetFlags {
  output?: string;
  force?: boolean;
}

/** Names that are said when none of them was meant. */
const SAID_AT_MOST = 10;

/** How another file is named. */
const HOW = 'with --output FILE';

/** `groundcrew run get`: a file that a run left, whole or not at all. */
export function addRunGet(run: Group): void {
  run.add<[run: string, path: string], GetFlags>({
    usage: 'get <run> <path>',
    description: 'Fetch a file that a run left: an artifact, or a results file',
    example: 'groundcrew run get 977 build/report.html',
    notes:
      'run show lists them. The file is written here, under the last part of its path; "--output -" is standard\n' +
      'output. Size and SHA-256 are checked, and what does not arrive whole is not kept.',
    flags(command) {
      command
        .option('--output <file>', 'where to; a directory keeps its name; "-": standard output')
        .option('--force', 'write over a file that exists');
    },
    async work(context, flags, run, path) {
      const id = runOf(run);
      const client = context.client();
      const { artifacts } = await client.call('getRun', { path: { id } });
      const artifact = artifactOf(artifacts, id, path);
      if (flags.output === '-') {
        if (context.json) throw new UsageError('the file itself is no JSON: leave out --json, or name a file.');
        // What a test wrote could steer a terminal.
        if (context.home.stdout.isTTY === true) throw new UsageError('for a terminal, use a pipe: --output - | less');
        return await fetchTo(context, client, id, artifact, context.home.stdout);
      }
      const file = await targetOf(context, flags, artifact.path);
      const target = resolve(context.home.directory, file);
      if (existsSync(target) && flags.force !== true) {
        throw new GroundcrewError('GC1042', { file, detail: 'it exists already; --force writes over it.', how: HOW });
      }
      const draft = `${target}.part`;
      try {
        const handle = await open(draft, 'w');
        const out = handle.createWriteStream({ flush: true });
        // Closes the file also when nothing was ever written to it.
        await fetchTo(context, client, id, artifact, out).finally(() => out.destroy());
        await rename(draft, target);
      } catch (error) {
        await rm(draft, { force: true });
        throw fileError(error, file, HOW);
      }
      const { size, sha256 } = artifact;
      if (context.json) return context.sayJson({ file, path: artifact.path, size, sha256 });
      context.say(`✓ ${plainText(file, true)}, ${formatSize(size)}`);
    },
  });
}

/** The file of a run at a path; of a results file that is an artifact, too, the artifact. Errors: GC1045. */
function artifactOf(artifacts: readonly Artifact[], run: string, path: string): Artifact {
  const wanted = path.replace(/^(\.\/)+/, '');
  const fitting = artifacts.filter((artifact) => artifact.path === wanted);
  const found = fitting.find(({ kind }) => kind === 'artifact') ?? fitting[0];
  if (found !== undefined) return found;
  const paths = [...new Set(artifacts.map((artifact) => artifact.path))];
  const ends = paths.filter((known) => known.endsWith(`/${wanted}`));
  const meant = ends.length === 1 ? ends[0] : nearest(wanted, paths);
  const more = paths.length > SAID_AT_MOST ? ` and ${paths.length - SAID_AT_MOST} more` : '';
  const all = `It left: ${paths.slice(0, SAID_AT_MOST).join(', ')}${more}.`;
  const none = paths.length === 0 ? 'It left no files.' : all;
  throw new GroundcrewError('GC1045', { run, path, hint: meant ? `Did you mean ${meant}?` : none });
}

/** Where it goes. What a test named becomes a file name here, so no server is trusted with it. Errors: GC1643. */
async function targetOf(context: Context, { output }: GetFlags, path: string): Promise<string> {
  const name = path.split('/').at(-1) ?? '';
  if (['', '.', '..'].includes(name) || /[\p{Cc}\\]/u.test(name)) {
    throw new GroundcrewError('GC1643', { path: JSON.stringify(path), detail: 'it is no safe name for a file here' });
  }
  if (output === undefined) return name;
  const given = await stat(resolve(context.home.directory, output)).catch(() => null);
  return given?.isDirectory() === true ? join(output, name) : output;
}

async function fetchTo(context: Context, client: Client, run: string, artifact: Artifact, out: Writable) {
  const { id, path, size, sha256 } = artifact;
  const response = await client.open('getArtifact', { path: { id: run, artifact: String(id) } });
  if (response.body === null) throw new GroundcrewError('GC1011', { url: client.url, detail: 'the answer is empty.' });
  const progress = startProgress(context, basename(path), size);
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      progress.add(chunk.length);
      done(null, chunk);
    },
    flush(done) {
      const whole = bytes === size && hash.digest('hex') === sha256;
      done(whole ? null : new GroundcrewError('GC1046', { path, expected: size, bytes }));
    },
  });
  try {
    // Standard output stays open for whatever is said after it.
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), counted, out, {
      end: out !== context.home.stdout,
    });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === 'write'
      ? error
      : unreachable(error, client.url, client.named_by);
  } finally {
    progress.end();
  }
}
