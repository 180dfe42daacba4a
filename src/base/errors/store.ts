/** Database, queue and object store: codes GC12xx. */
export const storeErrors = {
  GC1201: {
    status: 503,
    what: 'Cannot reach the database at {address}: {detail}',
    next: 'Check that PostgreSQL runs there and that DATABASE_URL names the right host and port.',
  },
  GC1202: {
    status: 500,
    what: 'The database at {address} does not let user {user} in: {detail}',
    next: 'Check the user and the password in DATABASE_URL.',
  },
  GC1203: {
    status: 500,
    what: 'There is no database {database} at {address}.',
    next: 'Create it (createdb {database}), or name another in DATABASE_URL.',
  },
  GC1204: {
    status: 500,
    what: 'The database at {address} is PostgreSQL {version}, which is too old.',
    next: 'Use PostgreSQL 15 or newer.',
  },
  GC1205: {
    status: 500,
    what: 'The database was migrated by a newer Groundcrew: this one does not know {migrations}.',
    next: 'Start the newer version again, or restore an export made by this one.',
  },
  GC1206: {
    status: 500,
    what: 'The embedded PostgreSQL is not available on {platform}: {detail}',
    next: 'Install the optional packages (npm install), or set DATABASE_URL to a PostgreSQL 15 or newer.',
  },
  GC1207: {
    status: 500,
    what: 'A server (pid {pid}, since {since}) uses {directory} already.',
    next: 'Stop it, or name another directory with --data DIR.',
  },
  GC1208: {
    status: 500,
    what: 'The embedded PostgreSQL in {directory} did not start: {detail}',
    next: 'Its own words are in {log_file}.',
  },
  GC1209: {
    status: 500,
    what: 'The data in {directory} was made by PostgreSQL {found}, and this version brings PostgreSQL {expected}.',
    next: 'Start the version of Groundcrew that made it, run: groundcrew export, then import into an empty directory.',
  },
  GC1210: {
    status: 500,
    what: 'The data in {directory} cannot be used by user id {user}: {detail}',
    next: 'Start as the user that made it, or give this server its own directory with --data DIR.',
  },
  GC1211: {
    status: 507,
    what: 'The disk is full: {detail}',
    next: 'Free some space on it. What was acknowledged before is safe; what failed now may be done again.',
  },
  GC1212: {
    status: 500,
    what: 'An old PostgreSQL (pid {pid}) still uses {directory} and does not stop.',
    next: 'Look at that process; end it with: kill -QUIT {pid}, then start again.',
  },
  GC1213: {
    status: 500,
    what: 'Cannot use the directory {directory} for the socket of the database: {detail}',
    next: 'Make it a directory of your own with mode 0700, or set XDG_RUNTIME_DIR to one.',
  },
  GC1214: {
    status: 409,
    what: 'Cannot import into this database: it is not empty ({detail}).',
    next: 'Import into a new directory (--data DIR) or a new database.',
  },
  GC1215: {
    status: 400,
    what: 'The export cannot be imported: {detail} Nothing was changed.',
    next: 'Use another copy of the export; this one is incomplete, damaged, or not an export.',
  },
  GC1216: {
    status: 400,
    what: 'The export was made by a newer Groundcrew ({detail}). Nothing was changed.',
    next: 'Import it with that version or a newer one.',
  },
  GC1217: {
    status: 409,
    what: 'The work item {id} was taken over by another worker; this attempt was rolled back.',
    next: 'Nothing needs to be done: the other worker finishes it.',
  },
  GC1218: {
    status: 400,
    what: 'The address of the database is not valid: {detail}',
    next: 'Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE.',
  },
  GC1219: {
    status: 503,
    what: 'The database went away: {detail}',
    next: 'Its own log says why. Start again when it is there; nothing is lost.',
  },
  GC1220: {
    status: 400,
    what: 'The object key {key} is not valid: {detail}',
    next: 'Use parts of letters, digits and ".", "_", "-", "=", "+", "@" with "/" between them.',
  },
  GC1221: { status: 404, what: 'There is no object {key} in the object store.', next: 'It may have been removed.' },
  GC1222: {
    status: 422,
    what: 'The object {key} was refused: {detail} Nothing of it was kept.',
    next: 'Send it again.',
  },
  GC1223: {
    status: 502,
    what: 'The object store at {address} could not {action} {key}: {detail}',
    next: 'Check the address, the credentials and the bucket under "blobs" in the configuration.',
  },
  GC1224: {
    status: 500,
    what: 'The work item {id} cannot be worked on: its payload is not one of the kind {kind} ({detail}).',
    next: 'It was enqueued by another version: retry it there with "groundcrew queue retry {id}", or report it.',
  },
  GC1225: {
    status: 500,
    what: 'The database refused a state that may not follow: {detail}. Nothing was changed.',
    next: 'Please report it with the log lines around it; what was asked for may be tried again.',
  },
} as const;
