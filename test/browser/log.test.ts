/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { beforeAll, expect, it } from 'vitest';
import { finished, inState, jobFile, submit, submitOne } from '../e2e/harness/jobs.ts';
import { shellCommand } from '../e2e/harness/shell.ts';
import { sharedWorld } from '../e2e/harness/test-world.ts';
import { until } from '../e2e/harness/wait.ts';
import { describeInBrowser } from './harness/chromium.ts';
import { sharedVisitor } from './harness/visitor.ts';

const LINES = 300_000;
const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

describeInBrowser('the log of a run', () => {
  const world = sharedWorld();
  const visitor = sharedVisitor(world);
  let long = 0;

  /** Runs a job whose log is complete and archived. */
  async function archived(steps: { name: string; run: string }[]): Promise<number> {
    const run = await submitOne(world(), { steps });
    await finished(world(), run.id);
    await until('the log is archived', 20_000, async () => {
      const { log } = await world().client.call('getRun', { path: { id: String(run.id) } });
      return !log.live && log.lines !== null;
    });
    return run.id;
  }

  beforeAll(async () => {
    long = await archived([
      { name: 'prepare', run: 'seq 1 400' },
      {
        name: 'build',
        run: `awk 'BEGIN { for (i = 1; i <= ${LINES}; i++) if (i % 90000 == 0) print "a.c:" i ": error: no"; else print "compiling " i }'`,
      },
      { name: 'print', run: `printf '\\033[31mred\\033[0m and %s\\n' '${HOSTILE}'; exit 3` },
    ]);
  }, 90_000);

  const inView = async (line: number): Promise<boolean> =>
    await visitor().page.evaluate((wanted) => {
      const log = document.querySelector('.log')?.getBoundingClientRect();
      const row = document.querySelector(`.log-line[data-line="${wanted}"]`)?.getBoundingClientRect();
      return log !== undefined && row !== undefined && row.top >= log.top && row.bottom <= log.bottom;
    }, line);

  it('opens at the first error, with the other steps folded', async () => {
    const { page, open } = visitor();
    await open(`/runs/${long}`);
    const first = 400 + 90_000;
    const line = page.locator(`.log-line[data-line="${first}"]`);
    await line.getByText('a.c:90000: error: no').waitFor();
    await expect.poll(() => inView(first)).toBe(true);
    expect(await line.getAttribute('class')).toContain('error');
    await page.getByText('3 error lines').waitFor();
    await page.locator('.log').evaluate((log) => log.scrollTo(0, 0));
    await page.getByRole('button', { name: /prepare.*400 lines/, expanded: false }).waitFor();
    await page.getByRole('button', { name: /build.*300,000 lines/, expanded: true }).waitFor();
  });

  it('goes from error to error by keys, and keeps few rows of many', async () => {
    const { page, open } = visitor();
    await open(`/runs/${long}`);
    await page.getByText('3 error lines').waitFor();
    await page.keyboard.press('n');
    await page.getByText('2 of 3 error lines').waitFor();
    await expect.poll(() => inView(400 + 180_000)).toBe(true);
    await page.keyboard.press('n');
    await expect.poll(() => inView(400 + 270_000)).toBe(true);
    await page.keyboard.press('p');
    await expect.poll(() => inView(400 + 180_000)).toBe(true);
    await page.locator('.log').evaluate((log) => log.scrollTo(0, log.scrollHeight));
    await page
      .locator(`.log-line[data-line="${400 + LINES}"]`)
      .getByText(`compiling ${LINES}`)
      .waitFor();
    expect(await page.locator('.log-line').count()).toBeLessThan(150);
  });

  it('has a link for every line, and shows what is in it as text', async () => {
    const { page, open, where } = visitor();
    await open(`/runs/${long}?line=7`);
    await expect.poll(() => inView(7)).toBe(true);
    expect(await page.locator('.log-line[data-line="7"]').getAttribute('class')).toContain('pinned');
    await page.locator('.log-line[data-line="9"] .log-number').click({ modifiers: ['Shift'] });
    await expect.poll(where).toBe(`/runs/${long}?line=7-9`);
    await expect.poll(() => page.locator('.log-line.pinned').count()).toBe(3);
    const last = 400 + LINES + 1;
    await open(`/runs/${long}?line=${last}`);
    const line = page.locator(`.log-line[data-line="${last}"]`);
    await line.getByText(HOSTILE).waitFor();
    expect(await line.locator('img, script').count()).toBe(0);
    expect(await line.locator('.ansi-1').textContent()).toBe('red');
    expect(await page.title()).toBe(`Run ${long} · Groundcrew`);
  });

  it('grows while the run goes on, and the page ends with it', { timeout: 60_000 }, async () => {
    const { page, open } = visitor();
    // It goes on when what it printed so far was seen.
    const part = (first: number, last: number): string =>
      `for i in $(seq ${first} ${last}); do echo "tick $i"; done; until [ -e seen-${last} ]; do sleep 0.1; done`;
    const script = `${part(1, 5)}; ${part(6, 9)}; ${part(10, 24)}; echo "Error: the last one"; exit 1`;
    const [run] = await submit(world(), jobFile({ steps: [{ name: 'soak', run: script }] }));
    const id = run?.id as number;
    const { node_id } = await inState(world(), id, ['running']);
    const seen = async (last: number): Promise<void> => {
      await page.locator('.log-line').getByText(`tick ${last}`, { exact: true }).waitFor();
      await shellCommand(world(), node_id as string, `touch seen-${last}`);
    };
    await open(`/runs/${id}`);
    await page.getByRole('checkbox', { name: 'follow' }).waitFor();
    await expect.poll(() => page.getByRole('checkbox', { name: 'follow' }).isChecked()).toBe(true);
    for (const last of [5, 9, 24]) await seen(last);
    await page.locator('.verdict').getByText('failed').waitFor({ timeout: 30_000 });
    await page.locator('.log-line').getByText('Error: the last one').waitFor();
    await page.getByText('1 error line').waitFor();
    expect(await page.locator('.log-line').count()).toBe(25);
    await expect.poll(() => page.getByRole('checkbox', { name: 'follow' }).count()).toBe(0);
  });
});
