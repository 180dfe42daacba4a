/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { beforeAll, expect, it } from 'vitest';
import { finished, jobFile, junitStep, type Run, submit } from '../e2e/harness/jobs.ts';
import { sharedWorld } from '../e2e/harness/test-world.ts';
import { describeInBrowser } from './harness/chromium.ts';
import { sharedVisitor } from './harness/visitor.ts';

describeInBrowser('runs, requests and builds', () => {
  const world = sharedWorld();
  const visitor = sharedVisitor(world);
  let failed: Run;
  let skipped: Run;

  beforeAll(async () => {
    const twice = `${junitStep(12, 2, 'a.xml')}; ${junitStep(12, 2, 'b.xml')}; exit 1`;
    const runs = await submit(
      world(),
      jobFile({
        build: 'tested',
        jobs: {
          first: { steps: [twice], results: ['*.xml'] },
          second: { after: 'first', steps: ['true'] },
        },
      }),
    );
    for (const run of runs) await finished(world(), run.id);
    [failed, skipped] = ['first', 'second'].map((job) => runs.find((run) => run.job === job)) as [Run, Run];
  }, 90_000);

  it('give the name of a test and the reason of a node their room on 1280 pixels', async () => {
    const { page, open } = visitor();
    await page.setViewportSize({ width: 1280, height: 800 });
    try {
      await open('/tests');
      await page.locator('main [data-row]').first().waitFor();
      const lines = await page.evaluate(() => {
        const name = document.querySelector('main [data-row] .name-text a') as HTMLElement;
        const one_px = name.offsetHeight;
        name.textContent = 'nested quotes survive a round trip';
        return name.offsetHeight / one_px;
      });
      expect(lines).toBe(1);
      await open('/nodes?state=deleted');
      await page.locator('main [data-row]').first().waitFor();
      const why = await page.evaluate(() => {
        const text = document.querySelector('main [data-row] .rest .whole-words') as HTMLElement;
        text.textContent = 'jammy below its target (2 of 3); local-b has no other ready or coming';
        const table = document.querySelector('main table') as HTMLTableElement;
        const cells = [...table.querySelectorAll<HTMLElement>('th, tr[data-row] td')];
        return {
          hidden_px: text.scrollHeight - text.clientHeight,
          beyond_px: table.offsetWidth - (table.parentElement as HTMLElement).clientWidth,
          cut: cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
        };
      });
      expect(why).toEqual({ hidden_px: 0, beyond_px: 0, cut: [] });
    } finally {
      await page.setViewportSize({ width: 1200, height: 800 });
    }
  });

  it('fit a screen of 1280 pixels, and leave room for why', async () => {
    const { page, open } = visitor();
    await page.setViewportSize({ width: 1280, height: 800 });
    try {
      await open('/runs');
      await page.locator('main [data-row]').filter({ hasText: 'skipped' }).waitFor();
      const look = await page.evaluate(() => {
        const table = document.querySelector('main table') as HTMLTableElement;
        // As long as they ever are: rows get old while nobody looks.
        for (const row of table.querySelectorAll('tr[data-row]')) {
          const cell = (number: number) => row.querySelector(`td:nth-child(${number})`) as HTMLElement;
          cell(4).textContent = 'test (large)';
          cell(7).textContent = '59 m 59 s';
          cell(8).textContent = '23 h 59 m';
          (cell(10).querySelector('time') as HTMLElement).textContent = '59 min';
        }
        const cells = [...table.querySelectorAll<HTMLElement>('th, tr[data-row] td:not(.rest)')];
        return {
          beyond_px: table.offsetWidth - (table.parentElement as HTMLElement).clientWidth,
          why_px: (table.querySelector('th:last-child') as HTMLElement).offsetWidth,
          cut: cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent),
        };
      });
      expect(look.beyond_px).toBeLessThanOrEqual(0);
      expect(look.why_px).toBeGreaterThanOrEqual(150);
      expect(look.cut).toEqual([]);
    } finally {
      await page.setViewportSize({ width: 1200, height: 800 });
    }
  });

  it('say that a run never ran, in place of an empty log', async () => {
    const { page, open } = visitor();
    await open(`/runs/${skipped.id}`);
    await page.getByText('It never ran, so there is no log.').waitFor();
    expect(await page.locator('.log').count()).toBe(0);
    await open(`/runs/${failed.id}`);
    await page.locator('.log').waitFor();
  });

  it('show a test that failed every time as failed, not as flaky', async () => {
    const { page, open } = visitor();
    await open(`/runs/${failed.id}`);
    const attempts = page.getByText('failed 2 of 2 attempts').first();
    await attempts.waitFor();
    expect(await attempts.getAttribute('class')).toBe('bad');
  });

  it('find requests by label, and say when none fits', async () => {
    const { page, open } = visitor();
    const rows = page.locator('main [data-row]');
    await open('/requests?label=unit');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByLabel('label').fill('nowhere');
    await page.getByText('No request fits these filters').waitFor();
    expect(await page.getByText('Nobody asked for a node yet').count()).toBe(0);
    await page.getByRole('link', { name: 'All requests', exact: true }).click();
    await expect.poll(() => rows.count()).toBe(1);
  });

  it('call a build what it came to, and never unchanged what was not compared', { timeout: 60_000 }, async () => {
    const { page, open } = visitor();
    const [run] = await submit(world(), jobFile({ build: 'stopped', steps: ['sleep 300'] }));
    const { id, build_id, submission_id } = run as Run;
    const compare = `/compare?project=e2e/flow&from=tested&to=stopped`;
    await open(compare);
    const main = page.locator('main');
    await main.getByText('Nothing could be compared: stopped is not finished and has no test results yet.').waitFor();
    await main.getByRole('link', { name: `run ${id}` }).waitFor();
    await world().client.call('cancelSubmission', { path: { id: submission_id }, body: {} });
    await main.getByText('Nothing could be compared: stopped has no test results.').waitFor();
    expect(await page.getByText('Nothing changed').count()).toBe(0);
    await open('/builds');
    const state = page.locator('main [data-row]').filter({ hasText: 'stopped' }).locator('td').first();
    await expect.poll(() => state.textContent()).toBe('− cancelled');
    await open(`/builds/${build_id}`);
    await main.getByText('no test results', { exact: true }).waitFor();
    expect(await page.locator('main .status.good').count()).toBe(0);
  });
});
