/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { beforeAll, expect, it } from 'vitest';
import { finished, jobFile, junitStep, type Run, submit } from '../e2e/harness/jobs.ts';
import { sharedWorld } from '../e2e/harness/test-world.ts';
import { until } from '../e2e/harness/wait.ts';
import { describeInBrowser } from './harness/chromium.ts';
import { sharedVisitor } from './harness/visitor.ts';

describeInBrowser('several projects, and jobs of several environments', () => {
  const world = sharedWorld();
  const visitor = sharedVisitor(world);
  let failed: Run;

  beforeAll(async () => {
    const jobs = {
      lint: { steps: ['echo ok'] },
      test: {
        matrix: { environment: ['alpha', 'beta'], size: ['large'] },
        steps: [`${junitStep(4, 1)}; exit 1`],
        results: ['junit.xml'],
        artifacts: ['*.xml'],
      },
      after: { after: 'test', steps: ['true'] },
    };
    const runs = [
      ...(await submit(world(), jobFile({ build: 'one', jobs }))),
      ...(await submit(
        world(),
        jobFile({ build: 'x', steps: [junitStep(3, 0)], results: ['junit.xml'] }, 'e2e/other'),
      )),
    ];
    for (const run of runs) await finished(world(), run.id);
    failed = runs.find((run) => run.environment === 'alpha') as Run;
    await until('both builds are finished', 20_000, async () => {
      const { items } = await world().client.call('listBuilds', { query: {} });
      return items.length === 2 && items.every((build) => build.finished_at !== null);
    });
  }, 90_000);

  it('say of each project what its newest build came to', async () => {
    const { page, open } = visitor();
    await open('/builds');
    const row = (project: string) => page.locator('main [data-row]').filter({ hasText: project });
    await expect.poll(() => row('e2e/flow').innerText()).toMatch(/one.*✗ failed.*2 failed/s);
    await expect.poll(() => row('e2e/other').innerText()).toMatch(/x.*✓ passed.*3/s);
  });

  it('call nothing not run that nobody asked for', async () => {
    const { page, open } = visitor();
    await open(`/builds/${failed.build_id}`);
    const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
    await row('default').getByText('1 skipped').waitFor();
    expect(await row('default').getByRole('cell').first().innerText()).toMatch(/1 passed/);
    expect(await row('default').getByText('✓ passed').count()).toBe(1);
    expect(await row('alpha').getByTitle('not asked for there').count()).toBe(2);
    expect(await page.getByText('not run').count()).toBe(0);
  });

  it('show what fails before anybody searches, and search in all', async () => {
    const { page, open, where } = visitor();
    await open('/tests');
    const rows = page.locator('main [data-row]');
    await page.getByRole('heading', { name: 'Failing and flaky in one' }).waitFor();
    await page.getByRole('heading', { name: 'Nothing fails in x' }).waitFor();
    await expect.poll(() => rows.allInnerTexts()).toEqual([expect.stringMatching(/✗ test 1\s+numbers\s+alpha\s*beta/)]);
    await page.keyboard.press('/');
    await page.keyboard.type('test 3');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(2);
    await expect.poll(where).toBe('/tests?text=test+3');
    expect((await rows.allInnerTexts()).map((text) => text.split('\t')[0]).sort()).toEqual(['e2e/flow', 'e2e/other']);
    await page.getByLabel('project').selectOption('e2e/other');
    await expect.poll(() => rows.count()).toBe(1);
  });

  it('show a failed test once on the page of its run, and a file once', async () => {
    const { page, open } = visitor();
    await open(`/runs/${failed.id}`);
    await page.getByRole('cell', { name: 'result, artifact' }).waitFor();
    expect(await page.locator('main').getByRole('link', { name: 'test 1' }).count()).toBe(1);
    await page.locator('.verdict').getByText('numbers:').waitFor();
    await page.locator('.verdict').getByText('expected 1').waitFor();
    expect(await page.getByRole('link', { name: 'junit.xml' }).count()).toBe(1);
  });

  it('reach every page from a screen of 400 pixels', async () => {
    const { page, open } = visitor();
    await page.setViewportSize({ width: 400, height: 800 });
    try {
      await open(`/runs/${failed.id}`);
      await page.locator('ol.timeline').waitFor();
      for (const part of ['header nav a', 'ol.timeline li > *']) {
        const right_px = await page
          .locator(part)
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
        expect(right_px.length).toBeGreaterThan(5);
        expect(Math.max(...right_px), part).toBeLessThanOrEqual(400);
      }
    } finally {
      await page.setViewportSize({ width: 1200, height: 800 });
    }
  });
});
