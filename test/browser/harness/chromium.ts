import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { describe } from 'vitest';
import { needs } from '../../../tools/needs/needs.ts';
import { findProgram } from '../../../tools/needs/programs.ts';

const SWITCHES = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** Tests that need a browser. */
export function describeInBrowser(name: string, tests: () => void): void {
  describe(name, needs('chromium'), tests);
}

/** A browser with a profile of its own; `close` removes it. */
export interface Browser {
  context: BrowserContext;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'groundcrew-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findProgram('chromium') ?? '',
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
