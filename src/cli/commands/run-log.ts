import type { Client } from '../connect.ts';
import type { Context } from '../context.ts';
import { isColoured } from '../context.ts';
import type { Group } from '../group.ts';
import { emptyLog, followLog, type LogPart, readLog } from '../run-log.ts';
import { Interrupted } from '../tell-error.ts';
import { runOf } from '../text/arguments.ts';
import { LogWriter } from '../text/log-writer.ts';

/** `groundcrew run log [-f]`. */
export function addRunLog(run: Group): void {
  run.add<[run: string], { follow?: boolean }>({
    usage: 'log <run>',
    description: 'What a run printed; with --follow also what it prints from now on, up to its end',
    example: 'groundcrew run log -f 977',
    notes: 'With --json a line a part: {"event": "log", "id": the offset after it, "data": base64}.',
    flags: (command) => void command.option('-f, --follow', 'go on as it grows'),
    async work(context, { follow }, run) {
      const id = runOf(run);
      const client = context.client();
      if (follow !== true) {
        if ((await write(context, readLog(client, id))) === 0) await sayWhyEmpty(context, client, id);
        return;
      }
      const interruption = context.home.interruption();
      await sayIfWaiting(context, client, id);
      const bytes = await write(context, followLog(client, id, context.clock, interruption));
      if (interruption.aborted) throw new Interrupted();
      if (bytes === 0) await sayWhyEmpty(context, client, id);
    },
  });
}

/** Answers how many bytes there were. */
async function write(context: Context, parts: AsyncIterable<LogPart>): Promise<number> {
  let bytes = 0;
  if (context.json) {
    for await (const { data, end } of parts) {
      bytes += data.length;
      context.sayEvent({ event: 'log', id: String(end), data: data.toString('base64') });
    }
    return bytes;
  }
  const writer = new LogWriter(context.home.stdout, isColoured(context.home, context.flags));
  for await (const { data } of parts) {
    bytes += data.length;
    await writer.write(data);
  }
  await writer.end();
  return bytes;
}

/** Nothing at all would look like something that went wrong. */
async function sayWhyEmpty(context: Context, client: Client, id: string): Promise<void> {
  if (context.json) return;
  const why = emptyLog(await client.call('getRun', { path: { id } }));
  if (why !== null) context.note(`log: ${why}`);
}

/** Somebody who waits for a log is told what for. */
async function sayIfWaiting(context: Context, client: Client, id: string): Promise<void> {
  if (context.home.stderr.isTTY !== true) return;
  const { run } = await client.call('getRun', { path: { id } });
  if (run.state !== 'queued' && run.state !== 'waiting') return;
  const why = run.request_id === null ? '' : `; why: groundcrew request explain ${run.request_id}`;
  context.note(context.paint.quiet(`· run ${id} is ${run.state}${why}`));
}
