import { WebSocket } from 'ws';
import { systemClock, withTimeout } from '../../../src/base/clock.ts';
import { accessTo } from './server.ts';
import type { World } from './world.ts';

const WITHIN_MS = 60_000;

/** Runs a command on a node by the shell's websocket; answers what it printed and its exit code. */
export async function shellCommand(
  world: World,
  node_id: string,
  command: string,
): Promise<{ printed: string; exit_code: number | null }> {
  const file = accessTo(world.data);
  const address = `${file.url.replace('http', 'ws')}/api/v1/nodes/${node_id}/shell?command=${encodeURIComponent(command)}`;
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${file.token}` } });
  const late = (): Error => new Error(`the shell on ${node_id} did not answer in time`);
  try {
    return await withTimeout(systemClock, WITHIN_MS, () => conversation(socket), late);
  } finally {
    socket.terminate();
  }
}

function conversation(socket: WebSocket): Promise<{ printed: string; exit_code: number | null }> {
  return new Promise((resolve, reject) => {
    const printed: Buffer[] = [];
    let exit_code: number | null | undefined;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) printed.push(data);
      else exit_code = (JSON.parse(data.toString()) as { exit_code: number | null }).exit_code;
    });
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      if (exit_code === undefined) reject(new Error(`the shell was closed: ${code} ${reason.toString()}`));
      else resolve({ printed: Buffer.concat(printed).toString(), exit_code });
    });
  });
}
