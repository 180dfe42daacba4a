import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatRequestId } from '../base/ids.ts';
import { HOW_TO_AGREE, HOW_TO_TAKE_OVER, NEVER_UNTIL_AGREED, ONLY_OBSERVES } from '../protocol/observing.ts';
import { createRequest } from '../requests/store/life.ts';
import { type ScratchServer, startScratch } from '../server/testing/scratch-server.ts';
import { setObserving } from '../store/deployment.ts';
import { runCommand } from './testing/run-command.ts';

let server: ScratchServer;
beforeAll(async () => {
  server = await startScratch({ roles: new Set(['api']) });
}, 60_000);
afterAll(() => server?.close());

/** What is said, answer and notes, on one line. */
async function said(line: string): Promise<string> {
  const { directory } = server;
  const environment = { GROUNDCREW_DATA: `${directory}/data` };
  const { stdout, stderr } = await runCommand(line.split(' '), { environment, directory });
  return `${stdout}${stderr}`.replace(/\s+/g, ' ');
}

test('a copy that only observes says so everywhere in the same words, until an admin agrees', async () => {
  const { db } = server.running.services.connection;
  await setObserving(db, true);
  const id = await db.transaction().execute(async (tx) => {
    return await createRequest(tx, { expressions: ['jammy'], requester: 'test' });
  });
  const explain = `request explain ${formatRequestId(id)}`;
  for (const words of [ONLY_OBSERVES, HOW_TO_AGREE, HOW_TO_TAKE_OVER]) expect(await said('fleet')).toContain(words);
  expect(await said('node list')).toBe(`There are no nodes. ${ONLY_OBSERVES} ${HOW_TO_AGREE} `);
  expect(await said(explain)).toContain(ONLY_OBSERVES);
  expect(await said(explain)).toContain(NEVER_UNTIL_AGREED);
  expect(await said('fleet agree')).toContain('✓');
  expect(await said('node list')).toMatch(/^There are no nodes\. Keep some ready/);
  expect(`${await said('fleet')} ${await said(explain)}`).not.toMatch(/observes|agree/);
});
