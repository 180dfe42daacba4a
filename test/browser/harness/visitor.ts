import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { ApiClient } from '../../../src/protocol/client.ts';
import { accessTo } from '../../e2e/harness/server.ts';
import type { World } from '../../e2e/harness/world.ts';
import { type Browser, openBrowser } from './chromium.ts';

/** A person in front of the dashboard, signed in. What the browser complains about fails the test. */
export interface Visitor {
  readonly page: Page;
  /** Opens a page of the dashboard, and waits until it shows its first line. */
  open(path: string): Promise<void>;
  /** The path and query of the page that is shown. */
  where(): string;
}

/** Signs a browser in by a one-use link, as this client's person. */
export async function signIn(page: Page, client: ApiClient): Promise<void> {
  const { url } = await client.call('createEnterLink');
  await page.goto(url);
  await page.waitForSelector('h1');
}

/** Errors in the console, of scripts, and violations of the page's policy. */
export function watchProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      problems.push(`${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => problems.push(String(error.stack ?? error)));
  return problems;
}

/** One browser for all tests of a file; each test begins signed in, and ends with nothing complained about. */
export function sharedVisitor(world: () => World): () => Visitor {
  let browser: Browser | null = null;
  let visitor: Visitor | null = null;
  let problems: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    problems = watchProblems(page);
    await signIn(page, world().client);
    visitor = {
      page,
      async open(path) {
        await page.goto(accessTo(world().data).url + path);
        await page.waitForSelector('main h1');
      },
      where: () => page.url().replace(accessTo(world().data).url, ''),
    };
  });
  afterEach(() => {
    expect(problems.splice(0)).toEqual([]);
  });
  afterAll(async () => await browser?.close());
  return () => {
    if (visitor === null) throw new Error('the browser is opened before the first test');
    return visitor;
  };
}
