import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { GroundcrewError, messageOf } from '../base/errors/error.ts';

/** Where things are below the data directory. */
export interface DataDirectory {
  root: string;
  postgres: string;
  blobs: string;
  /** Mounted into local machines: holds the agents' socket and nothing else. */
  agent_socket_directory: string;
  agent_socket: string;
  /** How programs on this machine reach the server: address and token, for the owner only. */
  client_file: string;
}

/** Makes what is missing; GC1013 when it cannot be written. */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const root = realpathSync(path);
    accessSync(root, constants.W_OK | constants.X_OK);
    const agent_socket_directory = join(root, 'agent');
    // Others may pass through it to the socket: the payload's user is another one.
    mkdirSync(agent_socket_directory, { recursive: true, mode: 0o755 });
    return {
      root,
      postgres: join(root, 'pg'),
      blobs: join(root, 'blobs'),
      agent_socket_directory,
      agent_socket: join(agent_socket_directory, 'socket'),
      client_file: join(root, 'client.json'),
    };
  } catch (error) {
    throw new GroundcrewError('GC1013', { path, detail: messageOf(error) }, error);
  }
}
