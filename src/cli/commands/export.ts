import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GroundcrewError, isError } from '../../base/errors/error.ts';
import { formatSize } from '../../base/units.ts';
import type { Client } from '../connect.ts';
import type { Context } from '../context.ts';
import type { Group } from '../group.ts';
import { hasData, offlineOptions } from '../offline.ts';
import { settingOf } from '../surroundings.ts';
import { UsageError } from '../tell-error.ts';
import { fileError } from '../text/file-error.ts';
import { type Progress, startProgress } from '../text/progress.ts';
import { unreachable } from '../unreachable.ts';

interface ExportFlags {
  objects: boolean;
  force?: boolean;
  config?: string;
}

/** How another file is named. */
const HOW = 'with: groundcrew export FILE';

/** `groundcrew export`: from the running server, or from the data directory when none runs. */
export function addExport(all: Group): void {
  all.add<[file: string], ExportFlags>({
    usage: 'export <file>',
    description: 'Write a backup of everything, as of one moment, while everything goes on',
    example: 'groundcrew export backup.gcx',
    notes:
      'It comes from the running server; when none runs here, from the data directory itself. "-" is standard\n' +
      'output. The file holds the hashes of tokens: it is readable for its owner only.',
    flags(command) {
      command
        .option('--no-objects', 'leave out logs, artifacts and sources: the database alone')
        .option('--force', 'write over a file that exists')
        .option('--config <file>', 'where no server runs: its configuration file (groundcrew.yaml)');
    },
    async work(context, flags, file) {
      if (file === '-') {
        if (context.home.stdout.isTTY === true)
          throw new UsageError('a backup is no text: name a file, or use a pipe.');
        return await write(context, flags, context.home.stdout);
      }
      const target = resolve(context.home.directory, file);
      if (existsSync(target) && flags.force !== true) {
        throw new GroundcrewError('GC1042', { file, detail: 'it exists already; --force writes over it.', how: HOW });
      }
      const draft = `${target}.part`;
      try {
        const handle = await open(draft, 'w', 0o600);
        const out = handle.createWriteStream({ flush: true });
        // Closes the file also when nothing was ever written to it.
        await write(context, flags, out).finally(() => out.destroy());
        await rename(draft, target);
      } catch (error) {
        await rm(draft, { force: true });
        throw fileError(error, file, HOW);
      }
      const { size: size_bytes } = await stat(target);
      if (context.json) return context.sayJson({ file, size_bytes, objects: flags.objects });
      context.say(`✓ ${file}, ${formatSize(size_bytes)}. Read it with: groundcrew import ${file} --data DIRECTORY`);
    },
  });
}

async function write(context: Context, flags: ExportFlags, out: Writable): Promise<void> {
  const progress = startProgress(context, 'export', null);
  try {
    const client = await runningServer(context);
    if (client !== null) return await fromServer(client, flags, counting(progress), out);
    const options = await offlineOptions(context, flags.config);
    context.note(`· no server runs here: reading ${options.data_directory} itself`);
    const { exportOffline } = await import('../../server/backup.ts');
    const counted = counting(progress);
    const written = pipeline(counted, out);
    await Promise.all([exportOffline(options, counted, flags.objects), written]);
  } finally {
    progress.end();
  }
}

/** Null when none was named, none answers, and there is data here to be read without one. */
async function runningServer(context: Context): Promise<Client | null> {
  const { flags, home } = context;
  try {
    const client = context.clientHere();
    await client.call('whoAmI');
    return client;
  } catch (error) {
    const named = flags.server !== undefined || settingOf(home.environment, 'GROUNDCREW_SERVER') !== undefined;
    const away = isError(error, 'GC1011') || isError(error, 'GC1012');
    if (!away || named) throw error;
    if (hasData(await offlineOptions(context, undefined))) return null;
    // Nothing is here: the server where this program is, when there is one.
    const client = context.client();
    await client.call('whoAmI');
    return client;
  }
}

function counting(progress: Progress): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      progress.add(chunk.length);
      done(null, chunk);
    },
  });
}

async function fromServer(client: Client, flags: ExportFlags, counted: Transform, out: Writable): Promise<void> {
  const response = await client.open('exportAll', { query: { objects: flags.objects } });
  if (response.body === null) throw new GroundcrewError('GC1011', { url: client.url, detail: 'the answer is empty.' });
  try {
    await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), counted, out);
  } catch (error) {
    // A broken connection, or a file system that is full.
    throw (error as NodeJS.ErrnoException).syscall === 'write'
      ? error
      : unreachable(error, client.url, client.named_by);
  }
}
