import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../base/log.ts';
import { randomSecret, secretHash, systemRandom } from '../../base/random.ts';
import { until as untilTrue } from '../../base/testing/until.ts';
import type { Config } from '../../config/schema.ts';
import { startAllocator } from '../../flow/allocate/allocate.ts';
import type { Role } from '../../store/schema/base.ts';
import { createToken } from '../../store/tokens.ts';
import { readClientFile } from '../client-file.ts';
import { ALL_LANES, type ServerOptions, USUAL_DRAIN_BUDGET_MS } from '../options.ts';
import { type RunningServer, startServer } from '../server.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A real server on a directory of its own, with the embedded database, that writes its log into memory. */
export interface ScratchServer {
  readonly running: RunningServer;
  readonly directory: string;
  /** Every line that it has logged, at the level debug. */
  readonly lines: readonly string[];
  /** The admin token of its first start. */
  readonly admin: string;
  /** A new token with this role. */
  token(role: Role): Promise<string>;
  /** Sends a request; with the admin token unless told otherwise, without any for null. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface CallOptions {
  token?: string | null;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is when it is text or bytes. */
  body?: unknown;
}

/** One provider whose nodes tests put in by hand. */
export function scratchConfig(): Config {
  const node_type = { name: 'jammy', labels: ['jammy'], preflight: [], env: {}, options: {}, limits: { nodes: null } };
  return {
    labels: {},
    providers: {
      local: {
        driver: 'local',
        options: {},
        limits: {},
        written: {},
        nodes: [{ ...node_type, boot_timeout_ms: 60_000 }],
      },
    },
    holds: [],
    server: { host: '127.0.0.1', port: 0, data_directory: '/nowhere', database_url: null },
    blobs: { directory: 'blobs' },
  };
}

/** What `startServer` is given, on this directory; nothing is launched unless the role `fleet` is added. */
export function scratchOptions(
  directory: string,
  change: Partial<ServerOptions> = {},
): ServerOptions & { lines: string[] } {
  const lines: string[] = [];
  return {
    config: scratchConfig(),
    data_directory: join(directory, 'data'),
    database_url: null,
    roles: new Set(['api', 'worker']),
    lanes: ALL_LANES,
    drain_budget_ms: USUAL_DRAIN_BUDGET_MS,
    host: '127.0.0.1',
    port: 0,
    log: createLog('debug', { write: (line: string) => void lines.push(line) }),
    version: '0.0.0-test',
    agent_bundle: join(ROOT, 'dist', 'agent.js'),
    node_executable: process.execPath,
    dashboard_directory: null,
    lines,
    ...change,
  };
}

/** Starts it; runs are handed out as on a whole server, unless the fleet is not asked for. */
export async function startScratch(change: Partial<ServerOptions> = {}): Promise<ScratchServer> {
  const directory = mkdtempSync(join(tmpdir(), 'groundcrew server '));
  const options = scratchOptions(directory, change);
  const running = await startServer(options);
  const allocator = options.roles.has('fleet') ? null : startAllocator(running.services);
  const admin = running.admin_token ?? readClientFile(join(options.data_directory, 'client.json'))?.token ?? '';
  return {
    ...{ running, directory, admin, lines: options.lines },
    async token(role) {
      const secret = randomSecret(systemRandom);
      const hash = secretHash(secret);
      await createToken(running.services.connection.db, { name: role, kind: 'api', role, hash, expires_at: null });
      return secret;
    },
    call: (method, path, { token = admin, headers = {}, body } = {}) =>
      fetch(running.url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isPlain(body) ? body : JSON.stringify(body) }),
      }),
    async close() {
      await allocator?.stop();
      await running.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function isPlain(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** Waits until it answers something that is not null or false. */
export async function until<T>(what: string, look: () => T | Promise<T>, within_ms = 25_000): Promise<NonNullable<T>> {
  const answer = await untilTrue(
    async () => {
      const found = await look();
      return found !== null && found !== undefined && found !== false && { found };
    },
    what,
    within_ms,
  );
  return answer.found as NonNullable<T>;
}
