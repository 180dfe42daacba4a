// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { silentLog } from '../../base/log.ts';
import { parseConfig } from '../../config/load.ts';
import { DRIVERS } from '../../providers/all.ts';
import { localIsolation } from '../../server/isolation.ts';
import { SERVER_ROLES } from '../../server/options.ts';
import { type ScratchServer, startScratch } from '../../server/testing/scratch-server.ts';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A whole server with real nodes on this machine, and commands that are run against it. */
export interface RealServer {
  readonly server: ScratchServer;
  /** Where commands run; job files and exports go here. */
  readonly directory: string;
  readonly environment: Record<string, string>;
  run(line: string | readonly string[], options?: Partial<CommandOptions>): Promise<CommandResult>;
  close(): Promise<void>;
}

/** One node with the label `jammy` is kept ready, and two more may be. */
export async function startReal(): Promise<RealServer> {
  const directory = mkdtempSync(join(tmpdir(), 'groundcrew-cli-'));
  const agent_bundle = join(directory, 'agent.js');
  await build({
    entryPoints: [join(ROOT, 'agent', 'main.ts')],
    ...{ outfile: agent_bundle, bundle: true, platform: 'node', format: 'esm', target: 'node24', logLevel: 'error' },
  });
  const { isolation } = await localIsolation(directory, { agent_bundle, node_executable: process.execPath }, silentLog);
  const config = parseConfig(
    `labels: {jammy: {ready: 1}}
providers:
  here: {driver: local, isolation: ${isolation}, limits: {nodes: 4}, nodes: [{labels: [jammy, x86_64]}]}
`,
    'test.yaml',
    {},
    DRIVERS,
  );
  const server = await startScratch({ config, agent_bundle, roles: new Set(SERVER_ROLES) });
  const environment = { GROUNDCREW_DATA: join(server.directory, 'data') };
  return {
    server,
    directory,
    environment,
    run: (line, options = {}) =>
      runCommand(typeof line === 'string' ? line.split(' ') : line, { environment, directory, ...options }),
    async close() {
      await server.running.retireNodes();
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A job file and its sources; the step prints, and writes the results that are handed in. */
export function writeJob(real: RealServer, name: string, junit: string, more = ''): string {
  const directory = join(real.directory, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'results.xml'), junit);
  const steps = `steps:
  - name: test
    run: |
      # Long enough for whoever follows the run to see it running.
      sleep 2
      echo begin of $GREETING
      printf '\\033[31mred\\033[0m\\n'
      cp results.xml junit.xml
      ! grep -q '<failure' junit.xml
`;
  const head =
    'project: acme/widget\nbuild: "${VERSION}"\ncheckout: .\nnodes: jammy\nenvironment: jammy\nenv: {GREETING: "${GREETING:-day}"}\n';
  writeFileSync(join(directory, 'job.yaml'), `${head}${steps}results: [junit.xml]\n${more}`);
  return `${name}/job.yaml`;
}
