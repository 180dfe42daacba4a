/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Request } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { dateFrom } from '../../src/base/clock.ts';
import { createClient } from '../../src/protocol/client.ts';
import { finished, type Job, jobFile, junitStep, type Run, type RunDetail, submit } from '../e2e/harness/jobs.ts';
import { accessTo } from '../e2e/harness/server.ts';
import { sharedWorld } from '../e2e/harness/test-world.ts';
import { until } from '../e2e/harness/wait.ts';
import { describeInBrowser, openBrowser } from './harness/chromium.ts';
import { sharedVisitor, signIn, watchProblems } from './harness/visitor.ts';

const PROJECT = 'e2e/flow';

describeInBrowser('the dashboard', () => {
  const world = sharedWorld();
  const visitor = sharedVisitor(world);
  let failed: RunDetail;
  let builds: Run[][] = [];

  async function submitBuild(version: string, tests: number, failing: number, more: object = {}): Promise<Run[]> {
    const job: Job = {
      ...{ build: version, matrix: { environment: ['red', 'blue'] }, results: ['junit.xml'] },
      steps: [{ name: 'test', run: `${junitStep(tests, failing)}; echo done; exit ${failing}` }],
      ...more,
    };
    const runs = await submit(world(), jobFile(job));
    for (const run of runs) await finished(world(), run.id);
    return runs;
  }

  beforeAll(async () => {
    builds = [
      await submitBuild('one', 5, 0, { artifacts: ['*.xml'] }),
      await submitBuild('two', 6, 1, { on_failure: { hold: '1h' } }),
    ];
    failed = await finished(world(), builds[1]?.[0]?.id as number);
    await until('both builds are finished', 20_000, async () => {
      const { items } = await world().client.call('listBuilds', { query: { project: PROJECT } });
      return items.length === 2 && items.every((build) => build.finished_at !== null);
    });
  }, 120_000);

  it('asks strangers to sign in, and lets in who has a link, once', async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.context.newPage();
      await page.goto(accessTo(world().data).url);
      await page.getByText('npx groundcrew enter').waitFor();
      const { url } = await world().client.call('createEnterLink');
      await page.goto(url);
      const problems = watchProblems(page);
      await page.getByRole('heading', { name: 'Fleet' }).waitFor();
      // The second time the page comes from the browser's own copy, with the policy that it had.
      await page.reload();
      await page.getByRole('rowheader', { name: 'unit' }).first().waitFor();
      expect(problems).toEqual([]);
      const main = page.locator('main');
      expect((await page.goto(url))?.status()).toBe(410);
      await main.getByText('This sign-in link was used already').waitFor();
      expect((await page.goto(`${new URL(url).origin}/nonsense`))?.status()).toBe(404);
      await main.getByText('GC1020').waitFor();
      await page.getByRole('navigation').getByRole('link', { name: 'Runs' }).click();
      await page.getByRole('heading', { name: 'Runs' }).waitFor();
    } finally {
      await browser.close();
    }
  });

  it('shows on every page what it is about', { timeout: 60_000 }, async () => {
    const { page, open } = visitor();
    const run_id = failed.run.id;
    const node_id = failed.run.node_id as string;
    const [from, to] = builds.map((runs) => runs[0]?.build_id as number);
    const expected: [path: string, heading: string, texts: string[]][] = [
      ['/', 'Fleet', ['unit', 'here', 'held']],
      ['/nodes', 'Nodes', [node_id, 'x86_64']],
      [`/nodes/${node_id}`, node_id, ['Held for', `npx groundcrew node shell ${node_id}`, 'pre-flight', 'Facts']],
      ['/requests', 'Requests', ['fulfilled', 'unit']],
      [`/requests/${failed.run.request_id}`, failed.run.request_id as string, ['wanted', node_id]],
      ['/runs', 'Runs', [PROJECT, '1 failed', 'red', 'blue']],
      [
        `/runs/${run_id}`,
        `Run ${run_id}`,
        ['test failure', 'test 1', 'expected 1', 'Timeline', 'steps', 'junit.xml', 'Log'],
      ],
      ['/builds', PROJECT, ['one', 'two', 'red', 'blue', 'since one']],
      [`/builds/${to}`, 'two', ['1 regression', '1 new test', 'expected 1', 'finished', 'Environments and jobs']],
      [`/builds/${from}`, 'one', ['No finished build with test results came before it', '10 passed']],
      [`/compare?project=${PROJECT}&from=one&to=two`, 'one → two', ['1 regression', 'both', 'test 6', '5 → 6 tests']],
      [`/tests?project=${PROJECT}&text=test+3`, 'Tests', ['numbers', 'test 3']],
      [`/tests?project=${PROJECT}&suite=numbers&name=test+1`, 'test 1', ['failing since', 'two', 'of 2']],
      ['/holds', 'Holds', [node_id, 'Extend…', `npx groundcrew node shell ${node_id}`]],
      ['/queue', 'Queue', ['ingest', 'postprocess']],
      ['/nowhere', 'No such page', []],
    ];
    for (const [path, heading, texts] of expected.slice(0, -1)) {
      await open(path);
      await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      for (const text of texts) await page.locator('main').getByText(text).first().waitFor({ state: 'attached' });
      expect(await page.locator('main h1').count(), path).toBe(1);
      expect(await page.locator('main th:not([scope])').count(), `${path}: headers without a scope`).toBe(0);
      expect(await page.title()).toMatch(/ · Groundcrew$/);
    }
  });

  it('keeps filters in the address', async () => {
    const { page, open, where } = visitor();
    await open('/runs');
    await page.getByLabel('verdict').selectOption('failed');
    await expect.poll(where).toBe('/runs?verdict=failed');
    await expect.poll(() => page.locator('main [data-row]').count()).toBe(2);
    await page.reload();
    await expect.poll(() => page.locator('main [data-row]').count()).toBe(2);
    expect(await page.getByLabel('verdict').inputValue()).toBe('failed');
    await page.getByLabel('build').fill('one');
    await page.getByText('No run fits these filters').waitFor();
    await expect.poll(where).toBe('/runs?verdict=failed&build=one');
    await page.goBack();
    await expect.poll(where).toBe('/runs');
    await expect.poll(() => page.locator('main [data-row]').count()).toBe(4);
  });

  it('leads from every number to what was counted', async () => {
    const { page, open, where } = visitor();
    await open('/');
    const link = page.getByRole('link', { name: 'held nodes of unit at here' });
    const count = Number(await link.textContent());
    expect(count).toBe(2);
    await link.click();
    await expect.poll(where).toBe('/nodes?provider=here&type=unit&state=held');
    await expect.poll(() => page.locator('main [data-row]').count()).toBe(count);
  });

  it('releases a hold after asking, and shows that without being reloaded', { timeout: 40_000 }, async () => {
    const { page, open } = visitor();
    await open('/holds');
    const rows = page.locator('main [data-row]');
    await expect.poll(() => rows.count()).toBe(2);
    const node_id = (await rows.first().getByRole('rowheader').textContent())?.trim() as string;
    await rows.first().getByRole('button', { name: 'Release' }).click();
    const dialog = page.getByRole('dialog', { name: `Release ${node_id}?` });
    await dialog.getByText(`npx groundcrew node release ${node_id}`).waitFor();
    await dialog.getByRole('button', { name: 'Not now' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await rows.count()).toBe(2);
    await rows.first().getByRole('button', { name: 'Release' }).click();
    await dialog.getByRole('button', { name: 'Release', exact: true }).click();
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(1);
    const { node } = await world().client.call('getNode', { path: { id: node_id } });
    expect(['deleting', 'deleted']).toContain(node.state);
  });

  it('says how long nothing was heard of a node, on its page and on that of its run', async () => {
    const { page, open } = visitor();
    const { id, node_id } = failed.run;
    // Nothing of this world is silent: the answers are changed on their way.
    const unheard_since = dateFrom(Date.parse(failed.run.created_at) - 7_200_000).toISOString();
    const notice = page.locator('main .notice', { hasText: 'was not heard of for' });
    await page.route(`**/api/v1/runs/${id}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), unheard_since } });
    });
    await page.route(`**/api/v1/nodes/${node_id}`, async (route) => {
      const response = await route.fetch();
      const detail = (await response.json()) as { node: object };
      await route.fulfill({ response, json: { ...detail, node: { ...detail.node, unheard_since } } });
    });
    try {
      await open(`/runs/${id}`);
      await expect.poll(() => notice.textContent()).toMatch(new RegExp(`${node_id} was not heard of for 2 h`));
      await open(`/nodes/${node_id}`);
      await expect.poll(() => notice.textContent()).toMatch(/Its agent was not heard of for 2 h/);
    } finally {
      await page.unrouteAll({ behavior: 'wait' });
    }
    await open(`/runs/${id}`);
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(await notice.count()).toBe(0);
  });

  it('says why something cannot be done', async () => {
    const { data, client } = world();
    const { secret } = await client.call('createToken', { body: { name: 'guest', role: 'viewer' } });
    const { url } = accessTo(data);
    const guest = createClient({ url, headers: { authorization: `Bearer ${secret}` } });
    const { page, open } = visitor();
    try {
      await signIn(page, guest);
      await open('/holds');
      const button = page.getByRole('button', { name: 'Release' });
      await expect
        .poll(() => button.getAttribute('title'))
        .toBe('Release: needs the role operator, and you are viewer');
      expect(await button.getAttribute('aria-disabled')).toBe('true');
      await button.click({ force: true });
      expect(await page.getByRole('dialog').count()).toBe(0);
      await open(`/runs/${failed.run.id}`);
      await page.getByRole('button', { name: 'Cancel run (it is finished already)' }).waitFor();
    } finally {
      await signIn(page, client);
    }
  });

  it('works by keyboard alone', async () => {
    const { page, open, where } = visitor();
    await open('/runs');
    await expect.poll(() => page.locator('main [data-row]').count()).toBe(4);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    const second = await page
      .locator('main [data-row] a')
      .nth(0)
      .evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press('Enter');
    await expect.poll(where).toBe(`/runs/${second}`);
    await page.keyboard.press('/');
    await page.keyboard.type('a test that nobody has');
    await page.keyboard.press('Enter');
    await expect.poll(where).toBe(`/tests?text=a+test+that+nobody+has&project=${encodeURIComponent(PROJECT)}`);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
  });

  it('can be read in dark and in light, and on a narrow screen', { timeout: 60_000 }, async () => {
    const { page, open } = visitor();
    const backgrounds = new Set<string>();
    const paths = ['/', '/nodes', `/runs/${failed.run.id}`, '/builds', `/compare?project=${PROJECT}&to=two`, '/holds'];
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const path of paths) {
          await open(path);
          await page.locator('main :is(table, ul.changes)').first().waitFor();
          backgrounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
          expect(await page.evaluate(textsOfLittleContrast), `${colorScheme} ${path}`).toEqual([]);
        }
      }
      expect(backgrounds.size).toBe(2);
      await page.setViewportSize({ width: 360, height: 700 });
      for (const path of paths) {
        await open(path);
        await page.locator('main :is(table, ul.changes)').first().waitFor();
        const beyond_px = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(beyond_px, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
      }
    } finally {
      await page.setViewportSize({ width: 1200, height: 800 });
      await page.emulateMedia({ colorScheme: 'light' });
    }
  });

  it('shows a build that is handed in again, and asks for no build by itself', { timeout: 60_000 }, async () => {
    const { page, open } = visitor();
    await submitBuild('again', 3, 0);
    const single: string[] = [];
    const note = (request: Request): void => {
      if (/\/api\/v1\/builds\/\d/.test(request.url())) single.push(request.url());
    };
    page.on('request', note);
    try {
      await open('/builds');
      const row = page.locator('main [data-row]').filter({ hasText: 'again' }).first();
      await row.getByText('passed').waitFor();
      await submitBuild('again', 3, 1);
      await row.getByText('✗ failed', { exact: true }).waitFor();
      await row.getByText('1 failed').first().waitFor();
      expect(single).toEqual([]);
    } finally {
      page.off('request', note);
    }
  });
});

/** Texts whose colour differs from what is behind them by less than 4.5 : 1, as WCAG counts it. Runs in the browser. */
function textsOfLittleContrast(): string[] {
  const context = document
    .createElement('canvas')
    .getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  const channels = (colour: string): number[] => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour: readonly number[]): number => {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element | null): string => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (channels(colour)[3] === 255) return colour;
    }
    return 'white';
  };
  const found: string[] = [];
  for (const element of document.querySelectorAll('header *, main *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent?.trim());
    // Zeros and what cannot be done now are quiet on purpose.
    if (text.join('') === '' || element.closest('.zero, .off, .offscreen, option, [hidden]')) continue;
    const [one, other] = [luminance(channels(getComputedStyle(element).color)), luminance(channels(behind(element)))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.push(`${text.join(' ')}: ${contrast.toFixed(2)}`);
  }
  return found;
}
