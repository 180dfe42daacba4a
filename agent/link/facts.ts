import { cpus, hostname, release, totalmem } from 'node:os';
import type { NodeFacts } from '../../src/protocol/agent.ts';
import type { Settings } from '../settings.ts';

export const AGENT_VERSION = '0.1.0';

/** What this node is, for its page: of its machine, what it may use. */
export function nodeFacts({ isolation, bounds }: Pick<Settings, 'isolation' | 'bounds'>): NodeFacts {
  return {
    agent_version: AGENT_VERSION,
    hostname: hostname(),
    kernel: release(),
    cores: Math.min(cpus().length, bounds.cores ?? Number.POSITIVE_INFINITY),
    memory_bytes: Math.min(totalmem(), bounds.memory_bytes ?? Number.POSITIVE_INFINITY),
    isolation,
  };
}
