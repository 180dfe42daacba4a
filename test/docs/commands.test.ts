import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { needs } from '../../tools/needs/needs.ts';
import { destroyMachines } from '../e2e/harness/leftovers.ts';
import { cleanEnvironment, NODE, PROGRAM, ServerProcess } from '../e2e/harness/server.ts';
import { blocksOf, fileOf, pages } from './blocks.ts';

const COMMAND_WITHIN_MS = 60_000;
const PAGE_WITHIN_MS = 180_000;

const scratch = mkdtempSync(join(tmpdir(), 'groundcrew-docs-'));
const servers: { server: ServerProcess; data: string }[] = [];

afterEach(async () => {
  for (const { server, data } of servers.splice(0)) {
    await server.stop();
    // Nodes outlive their server.
    await destroyMachines(data);
  }
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What the pages leave to the reader: a project whose tests write the JUnit file that the README's job brings back. */
function layProject(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const write = `require('node:fs').writeFileSync('junit.xml', '<testsuite name="own"><testcase name="works"/></testsuite>')`;
  writeFileSync(join(directory, 'test.js'), write);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'own', scripts: { test: 'node test.js' } }));
}

function run(directory: string, words: readonly string[]): Promise<{ status: number; output: string }> {
  const options = { cwd: directory, env: cleanEnvironment({ GIT_COMMIT: '1a2b3c4' }), timeout: COMMAND_WITHIN_MS };
  return new Promise((resolve) => {
    execFile(NODE, [PROGRAM, ...words], options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

/** A server as a page starts it, on any free port, in the page's directory. */
async function serve(directory: string, words: readonly string[]): Promise<void> {
  const data = join(directory, '.groundcrew');
  const placed = words.map((word) => (word.endsWith('.yaml') ? join(directory, word) : word));
  const server = ServerProcess.launch([...placed, '--port', '0', '--data', data], join(directory, 'server.out'));
  servers.push({ server, data });
  await server.says('✓ server');
}

/** The commands of a page in order; a server is started first where the page starts one anywhere. */
function commandsOf(page: string): string[][] {
  const lines = blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.includes('npx groundcrew '));
  return lines.map((line) =>
    line
      .replace(/^.*npx groundcrew /, '')
      .trim()
      .split(/\s+/),
  );
}

// The pages' configuration takes the isolation that there is, never none.
describe.each(pages())('the commands of %s', needs('namespaces'), (page) => {
  it('all do what the page says', { timeout: PAGE_WITHIN_MS }, async () => {
    const directory = join(scratch, page.replaceAll('/', '-'));
    layProject(directory);
    for (const block of blocksOf(page)) {
      const file = block.language === 'yaml' ? fileOf(block) : null;
      if (file !== null) writeFileSync(join(directory, file.name), block.text, { flag: file.added ? 'a' : 'w' });
    }
    const commands = commandsOf(page);
    expect(commands.length, `${page} shows no command`).toBeGreaterThan(0);
    const start = commands.find(([name]) => name === 'server') ?? ['server'];
    await serve(directory, start);
    for (const words of commands.filter(([name]) => name !== 'server')) {
      const { status, output } = await run(directory, words);
      expect(status, `${page}: groundcrew ${words.join(' ')}\n${output}`).toBe(0);
    }
  });
});
