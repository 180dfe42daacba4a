/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ScratchServer, startScratch } from '../../src/server/testing/scratch-server.ts';
import { inAnyState } from '../../src/store/testing/states.ts';
import { type Browser, describeInBrowser, openBrowser } from './harness/chromium.ts';

const NODES = 1200;

describeInBrowser('the table of every page', () => {
  let server: ScratchServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startScratch({
      roles: new Set(['api']),
      dashboard_directory: join(import.meta.dirname, '..', '..', 'dist', 'web'),
    });
    await inAnyState(server.running.services.connection.db, async (tx) => {
      await sql`
        insert into nodes (id, provider, node_type, labels, state, plan_reason)
        select 'n-' || lpad(each::text, 8, '0'), 'local', 'jammy', '{jammy,x86_64}', 'ready', 'a test'
        from generate_series(1, ${sql.lit(NODES)}) each`.execute(tx);
    });
    browser = await openBrowser();
    page = browser.context.pages()[0] as Page;
    const link = await server.call('POST', '/api/v1/enter-links', { body: {} });
    await page.goto(((await link.json()) as { url: string }).url);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const openNodes = async (width: number): Promise<void> => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${server.running.url}/nodes`);
    await page.locator('main [data-row]').first().waitFor();
  };
  const heads = async (): Promise<string[]> => await page.getByRole('columnheader').allTextContents();

  it('lets columns give way to the room, and brings them back', { timeout: 60_000 }, async () => {
    await openNodes(1200);
    expect(await heads()).toEqual(['Node', 'state', 'for', 'provider', 'run', 'labels', 'why']);
    await page.setViewportSize({ width: 940, height: 800 });
    await expect.poll(heads).toEqual(['Node', 'state', 'for', 'run', 'labels', 'why']);
    await page.setViewportSize({ width: 700, height: 800 });
    await expect.poll(heads).toEqual(['Node', 'state', 'for', 'run', 'why']);
    await page.setViewportSize({ width: 1200, height: 800 });
    await expect.poll(heads).toHaveLength(7);
  });

  it('keeps its head in view, and few rows of many', { timeout: 60_000 }, async () => {
    await openNodes(1200);
    await page.evaluate(() => scrollTo(0, 1500));
    const top_px = (): Promise<number | undefined> =>
      page.evaluate(() => document.querySelector('main thead th')?.getBoundingClientRect().top);
    await expect.poll(top_px).toBe(0);
    await expect.poll(() => page.locator('main [data-row]').last().getAttribute('aria-rowindex')).toMatch(/^\d\d\d?$/);
    expect(await page.locator('main [data-row]').count()).toBeLessThan(90);
  });

  it('is cards of the same rows on a narrow screen, still a table to who listens', { timeout: 60_000 }, async () => {
    await openNodes(390);
    const table = page.getByRole('table');
    await expect.poll(() => table.getAttribute('data-layout')).toBe('cards');
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader') })
      .first();
    expect(await row.getByRole('cell').count()).toBe(5);
    expect(await row.getByRole('cell').nth(2).getAttribute('data-head')).toBe('provider');
    const look = await page.evaluate(() => ({
      beyond_px: document.documentElement.scrollWidth - innerWidth,
      // As high as it was said to be before it was made.
      heights: [...document.querySelectorAll<HTMLElement>('main [data-row]')].map((one) => [
        one.offsetHeight,
        Math.max(one.offsetHeight, one.scrollHeight),
      ]),
    }));
    expect(look.beyond_px).toBeLessThanOrEqual(0);
    for (const [given_px, needed_px] of look.heights) expect(needed_px).toBe(given_px);
    await page.evaluate(() => scrollTo(0, 0));
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(
      await page.evaluate(() => document.activeElement?.closest('[data-row]')?.getAttribute('aria-rowindex')),
    ).toBe('3');
  });
});
