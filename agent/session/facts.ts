import { cpus, hostname, release, totalmem } from 'node:os';
import type { NodeFacts } from '../../src/protocol/agent.ts';

export const AGENT_VERSION = '0.1.0';

/** What this machine is, for the node's page. */
export function nodeFacts(isolation: string): NodeFacts {
  return {
    agent_version: AGENT_VERSION,
    hostname: hostname(),
    kernel: release(),
    cores: cpus().length,
    memory_bytes: totalmem(),
    isolation,
  };
}
