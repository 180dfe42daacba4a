/** Paths inside a node, the same in every one. */
export const INSIDE = {
  base: '/run/groundcrew',
  private: '/run/groundcrew/private',
  /** The mounted directory with the server's socket: the agent's alone, so that no payload can use it up. */
  socket_directory: '/run/groundcrew/private/agent',
  agent_file: '/run/groundcrew/private/agent.json',
  state_file: '/run/groundcrew/private/state.json',
  agent_bundle: '/run/groundcrew/agent.js',
  bin: '/run/groundcrew/bin',
  node: '/run/groundcrew/bin/node',
  workspace: '/workspace',
  home: '/home/payload',
} as const;

/** Where programs are looked for inside a node; our Node is the last resort. */
export const INSIDE_PATH = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${INSIDE.bin}`;

/** What the core writes into `agent.server_url` for local nodes begins with this. */
export const INSIDE_SOCKET_URL = `unix:${INSIDE.socket_directory}/`;
