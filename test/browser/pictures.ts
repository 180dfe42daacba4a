/// <reference lib="dom" />
import { join } from 'node:path';
import { deadlineSignal, systemClock } from '../../src/base/clock.ts';
import { packageRoot } from '../../src/cli/package-root.ts';
import { createClient } from '../../src/protocol/client.ts';
import { accessTo } from '../e2e/harness/server.ts';
import { openBrowser } from './harness/chromium.ts';
import { signIn } from './harness/visitor.ts';

const CALL_WITHIN_MS = 30_000;

/** Makes the pictures of the README anew, while `npm run demo` shows its summary: see test/README.md. */
const [data = '.groundcrew'] = process.argv.slice(2);
const { url, token } = accessTo(data);
const client = createClient({
  url,
  headers: { authorization: `Bearer ${token}` },
  deadline: () => deadlineSignal(systemClock, CALL_WITHIN_MS),
});
const { items } = await client.call('listRuns', { query: { verdict: 'failed', limit: 1 } });
const failed = items[0]?.id;
if (failed === undefined) throw new Error(`no run of the server of ${data} has failed; is it the demo's?`);

const PICTURES = [
  { name: 'fleet', path: '/', until: 'Pools', size: { width: 1160, height: 568 } },
  { name: 'run', path: `/runs/${failed}`, until: 'Timeline', size: { width: 1160, height: 680 } },
];

const browser = await openBrowser();
try {
  const page = await browser.context.newPage();
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await signIn(page, client);
  for (const { name, path, until, size } of PICTURES) {
    await page.setViewportSize(size);
    await page.goto(url + path);
    await page.locator('main').getByText(until).first().waitFor();
    await page.waitForLoadState('load');
    await page.screenshot({ path: join(packageRoot(), 'docs', 'pictures', `${name}.png`) });
  }
} finally {
  await browser.close();
}
