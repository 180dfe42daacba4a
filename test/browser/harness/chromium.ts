import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { describe, it } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const SWITCHES = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** Where it is looked for: GROUNDCREW_CHROMIUM alone when that is set. */
const places = process.env.GROUNDCREW_CHROMIUM === undefined ? PLACES : [process.env.GROUNDCREW_CHROMIUM];

/** The browser's program, or null when this machine has none. */
export function findChromium(): string | null {
  return places.find((place) => existsSync(place)) ?? null;
}

/** Tests that need a browser: left out, and said so, where there is none; with CI=true that is a failure. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (findChromium() !== null) {
    describe(name, tests);
    return;
  }
  const why = `no Chromium at ${places.join(', ')}; GROUNDCREW_CHROMIUM names another place`;
  if (process.env.CI === 'true') {
    describe(name, () => {
      it('has a browser', () => {
        throw new Error(why);
      });
    });
    return;
  }
  process.stderr.write(`\n  left out: the browser tests "${name}": ${why}\n\n`);
  describe.skip(`${name} (${why})`, tests);
}

/** A browser with a profile of its own; `close` removes it. */
export interface Browser {
  context: BrowserContext;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'groundcrew-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? '',
    headless: true,
    args: SWITCHES,
    viewport: { width: 1200, height: 800 },
    locale: 'en-GB',
  });
  context.setDefaultTimeout(15_000);
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
