import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Transform } from 'node:stream';
import { GroundcrewError, messageOf } from '../../base/errors/error.ts';
import type { Group } from '../group.ts';
import { offlineOptions } from '../offline.ts';
import { startProgress } from '../text/progress.ts';

/** `groundcrew import`: into an empty data directory or database, all of it or nothing. */
export function addImport(all: Group): void {
  all.add<[file: string], { takeOver?: boolean; config?: string }>({
    usage: 'import <file>',
    description: 'Fill an empty data directory or database from a backup: all of it, or nothing',
    example: 'groundcrew import backup.gcx --data .groundcrew-restored',
    is_local: true,
    notes:
      'What comes of it only observes, as a deployment of its own: a copy never deletes the nodes of the\n' +
      'original. When the original is gone for good, use --take-over: its nodes and runs go on. A copy that\n' +
      'is to work beside it, with machines of its own, is agreed to later, with the server running:\n' +
      'groundcrew fleet agree.',
    flags(command) {
      command
        .option('--take-over', 'the old server is gone: its nodes belong to this one')
        .option('--config <file>', 'the configuration file that the server will use (groundcrew.yaml)');
    },
    async work(context, { takeOver = false, config }, file) {
      const path = resolve(context.home.directory, file);
      const size_bytes = await sizeOf(path, file);
      const options = await offlineOptions(context, config);
      const progress = startProgress(context, 'import', size_bytes);
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          progress.add(chunk.length);
          done(null, chunk);
        },
      });
      const source = createReadStream(path).on('error', (error) => counted.destroy(error));
      try {
        const { importOffline } = await import('../../server/backup.ts');
        const counts = await importOffline(options, source.pipe(counted), takeOver);
        progress.end();
        if (context.json) return context.sayJson(counts);
        const { tables, rows, objects } = counts;
        context.say(`✓ ${file} is in ${options.data_directory}: ${tables} tables, ${rows} rows, ${objects} objects`);
        if (!takeOver)
          context.say(
            '  It only observes: it makes and deletes no nodes until an admin agrees, with: groundcrew fleet agree\n' +
              '  The nodes of the original are left to it: only --take-over goes on with them',
          );
      } finally {
        progress.end();
        source.destroy();
      }
    },
  });
}

/** GC1043 when it cannot be read. */
async function sizeOf(path: string, file: string): Promise<number> {
  try {
    const status = await stat(path);
    if (status.isFile()) return status.size;
    throw new Error('it is not a plain file');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const detail = missing ? 'there is no such file.' : `${messageOf(error)}.`;
    throw new GroundcrewError('GC1043', { file, detail }, error);
  }
}
