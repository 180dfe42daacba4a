/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import type { FleetView } from '../../src/protocol/api/fleet.ts';
import { type ScratchServer, scratchConfig, startScratch } from '../../src/server/testing/scratch-server.ts';
import { inAnyState } from '../../src/store/testing/states.ts';
import { type Browser, describeInBrowser, openBrowser } from './harness/chromium.ts';
import { watchProblems } from './harness/visitor.ts';

const config: Config = scratchConfig();
type ProviderConfig = Config['providers'][string];
const local = config.providers.local as ProviderConfig;

function provider(limits: ProviderConfig['limits'], ...labels: string[]): ProviderConfig {
  const jammy = local.nodes[0] as ProviderConfig['nodes'][number];
  const nodes = labels.map((label) => ({ ...jammy, name: label, labels: [label, 'x86_64'], options: { cores: 2 } }));
  return { ...local, limits, nodes };
}

describeInBrowser('the fleet page', () => {
  let server: ScratchServer;
  let browser: Browser;

  beforeAll(async () => {
    const providers = {
      rax: provider({ nodes: 9, cores: 18 }, 'jammy', 'noble'),
      hp: provider({ nodes: 64 }, 'gpu'),
      lab: provider({}, 'arm'),
    };
    const labels = { jammy: { ready: 5, max_ready_age_ms: null }, gpu: { ready: 1, max_ready_age_ms: null } };
    server = await startScratch({
      config: { ...config, labels, providers },
      roles: new Set(['api']),
      dashboard_directory: join(import.meta.dirname, '..', '..', 'dist', 'web'),
    });
    const { db } = server.running.services.connection;
    await inAnyState(db, (tx) =>
      sql`
      insert into nodes (id, provider, node_type, labels, state, plan_reason, takes)
      select 'n-0000000' || each, 'rax', 'jammy', '{jammy,x86_64}', case when each < 4 then 'ready' when each < 8 then
        'running' else 'held' end, 'a test', '{"cores": 2}' from generate_series(1, 9) each`.execute(tx),
    );
    await sql`
      insert into holds (node_id, owner, reason, run_id, expires_at) values
        ('n-00000008', 'maria', 'run 22 failed: 1 test', 22, groundcrew_now() + interval '8 h'),
        ('n-00000009', 'maria', 'a look', 23, groundcrew_now() + interval '1 h')`.execute(db);
    await sql`
      insert into pool_status (provider, node_type, failures, fault, message, retry_at) values
        ('hp', 'gpu', 7, 'transient', 'pre-flight failed: network: no route', groundcrew_now() + interval '2 min'),
        ('lab', 'arm', 0, 'quota', '4 of 4 nodes, 1 is ours', groundcrew_now() + interval '40 s')`.execute(db);
    await inAnyState(db, (tx) =>
      sql`
      insert into requests (expressions, state, requester, created_at, ended_at)
      select array[case when each % 5 = 0 then 'gpu' else 'jammy' end], 'fulfilled', 'test',
        groundcrew_now() - each * interval '17 s', groundcrew_now() - each * interval '17 s'
          + (each * 37 % 400) * interval '10 ms' from generate_series(1, 200) each`.execute(tx),
    );
    await sql`insert into requests (expressions, requester) values ('{gpu}', 'test')`.execute(db);
    browser = await openBrowser();
    const link = await server.call('POST', '/api/v1/enter-links', { body: {} });
    await browser.context.pages()[0]?.goto(((await link.json()) as { url: string }).url);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('tells providers apart, and shows cores and the waits of the last hour', { timeout: 30_000 }, async () => {
    const page = browser.context.pages()[0];
    if (page === undefined) throw new Error('the browser has a page');
    const problems = watchProblems(page);
    await page.goto(`${server.running.url}/`);
    const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
    await row('rax').first().waitFor();
    expect(await row('hp').first().innerText()).toMatch(/broken.*next try in/s);
    expect(await row('lab').first().innerText()).toMatch(/paused/);
    expect(await row('rax').first().innerText()).toMatch(/ok.*9 \/ 9.*18 \/ 18/s);
    expect(await row('jammy').first().innerText()).toMatch(/3\.\d s/);
    await page.getByRole('img', { name: /waits for gpu in the last hour/ }).waitFor();
    await page.getByText(/hp\/gpu: the last 7 launches failed: pre-flight failed: network: no route/).waitFor();
    expect(problems).toEqual([]);
  });

  it('gives a colour of a bar one meaning, which the legend of its table says', { timeout: 30_000 }, async () => {
    const page = browser.context.pages()[0];
    if (page === undefined) throw new Error('the browser has a page');
    const { db } = server.running.services.connection;
    await inAnyState(db, (tx) =>
      sql`
      insert into nodes (id, provider, node_type, labels, state, plan_reason)
      values ('n-0000000a', 'hp', 'jammy', '{jammy}', 'booting', 'a test')`.execute(tx),
    );
    await page.goto(`${server.running.url}/`);
    await page.getByRole('img', { name: '3 ready, 4 in use, 2 held', exact: true }).waitFor();
    await page.getByRole('img', { name: '3 ready, 1 launching', exact: true }).waitFor();
    const keys = await page
      .locator('caption .key')
      .evaluateAll((all) =>
        all.map((key) => [
          key.textContent?.trim(),
          getComputedStyle(key.querySelector('i') as Element).backgroundColor,
        ]),
      );
    const bars = await page.locator('.bar').evaluateAll((all) =>
      all.flatMap((bar) => {
        const names = (bar.getAttribute('title') ?? '').split(', ').map((part) => part.replace(/^\d+ (cores )?/, ''));
        return [...bar.children].map((part, index) => [names[index], getComputedStyle(part).backgroundColor]);
      }),
    );
    const colours = Map.groupBy([...keys, ...bars], ([name]) => name);
    expect([...colours.keys()].toSorted()).toEqual([
      ...['being deleted', 'free to the limit', 'held', 'in use', 'launching', 'missing to the target', 'ready'],
    ]);
    const found = [...colours].map(([, pairs]) => [...new Set(pairs.map(([, colour]) => colour))]);
    for (const each of found) expect(each).toHaveLength(1);
    // What is free and what is missing are both the empty part.
    expect(new Set(found.flat()).size).toBe(colours.size - 1);
    await sql`delete from nodes where id = 'n-0000000a'`.execute(db);
  });

  it('says where and when it is tried again only while something goes badly, and leads to Holds', async () => {
    const page = browser.context.pages()[0];
    if (page === undefined) throw new Error('the browser has a page');
    const column = page.getByRole('columnheader', { name: 'since, next try' });
    await page.goto(`${server.running.url}/`);
    await column.waitFor();
    await page.getByText('Pools (node types)').waitFor();
    await page.route('**/api/v1/fleet', async (route) => {
      const fleet = (await (await route.fetch()).json()) as FleetView;
      const calm = { state: 'ok', problem: null, since: null, next_try_at: null } as const;
      const providers = fleet.providers.map((row) => ({ ...row, ...calm }));
      const problems = [
        { code: 'held', subject: 'rax', provider: 'rax', node_type: null, text: 'full: 9 of 9 nodes (5 held)' },
        { code: 'disk', subject: 'disk', provider: null, node_type: null, text: 'it is full' },
      ] as const;
      await route.fulfill({ json: { ...fleet, providers, problems } });
    });
    await page.reload();
    await page.getByText('disk: it is full').waitFor();
    expect(await page.getByRole('link', { name: 'disk' }).count()).toBe(0);
    await page.getByText('full: 9 of 9 nodes (5 held); Holds').getByRole('link', { name: 'Holds' }).click();
    await page.getByRole('heading', { name: 'Holds' }).waitFor();
    await page.goBack();
    await page.getByText('Providers', { exact: true }).waitFor();
    expect(await column.count()).toBe(0);
    // Also an answer that is being changed right now.
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('links a run that a hold names, once', { timeout: 30_000 }, async () => {
    const page = browser.context.pages()[0];
    await page?.goto(`${server.running.url}/holds`);
    const cell = (text: RegExp) => page?.getByRole('cell').filter({ hasText: text }).first().innerText();
    for (const [id, reason] of [
      ['22', 'run 22 failed: 1 test'],
      ['23', 'a look'],
    ] as const) {
      const row = page?.getByRole('row').filter({ hasText: reason });
      await row?.getByRole('link', { name: id, exact: true }).waitFor();
      expect(await row?.locator(`a[href="/runs/${id}"]`).count()).toBe(1);
      expect(await cell(new RegExp(reason))).toBe(reason);
    }
  });
});
