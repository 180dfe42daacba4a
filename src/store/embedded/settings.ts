/**
 * Settings of the embedded server. It serves one process on one machine, so it is kept small: the whole of it idle,
 * with Node, is to stay under 200 MB. Durability is never traded.
 */
export const SERVER_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '32MB',
  huge_pages: 'off',
  work_mem: '8MB',
  maintenance_work_mem: '32MB',
  // Queries here are short; compiling them costs more than it saves, and memory.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_worker_processes: '2',
  autovacuum_max_workers: '2',
  autovacuum_naptime: '15s',
  // Three processes fewer than with worker processes.
  io_method: 'sync',
  // No replicas: the smallest log that survives a crash.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
};

/** `-c name=value` for each. */
export function asArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
