/** Command line, API and sign-in: codes GC10xx. */
export const generalErrors = {
  GC1001: {
    status: 500,
    what: 'Something went wrong inside Groundcrew: {detail}',
    next: 'Please report it with the log lines around it.',
  },
  GC1002: {
    status: 404,
    what: 'There is no {kind} {id}.',
    next: 'It may have been removed, or have another name: lists show what there is.',
  },
  GC1003: {
    status: 401,
    what: 'The request carries no valid token: {detail}.',
    next: 'Pass one with --token or GROUNDCREW_TOKEN; an admin makes one with: groundcrew token create',
  },
  GC1004: {
    status: 403,
    what: 'The token may not do this: it has the role {role}, and "{action}" needs {needed}.',
    next: 'Ask an admin for a token with that role.',
  },
  GC1005: {
    status: 400,
    what: 'The request is not valid: {detail}',
    next: 'Compare it with the API description at /api/openapi.json.',
  },
  GC1006: {
    status: 500,
    what: 'Cannot listen on {address}: the port is taken.',
    next: 'Stop the other program, or choose another port with --port.',
  },
  GC1007: {
    status: 410,
    what: 'This sign-in link was used already, or its time is over.',
    next: 'Make a new one with: groundcrew enter',
  },
  GC1008: {
    status: 503,
    what: 'The database did not answer within {seconds} s.',
    next: 'Look at the server log; the request may be sent again.',
  },
  GC1009: {
    status: 409,
    what: 'Cannot {action} {kind} {id}: it is {state}.',
    next: 'Look at it with: groundcrew {kind} show {id}',
  },
  GC1010: {
    status: 500,
    what: 'Cannot start: {what} is missing at {path}.',
    next: 'Build it with: npm run build',
  },
  GC1011: {
    status: 500,
    what: 'Cannot reach the server at {url}: {detail}',
    next: 'Start one with: groundcrew server. Or name another: by its data directory with --data DIR (GROUNDCREW_DATA), by its address with --server URL (GROUNDCREW_SERVER) and --token TOKEN (GROUNDCREW_TOKEN).',
  },
  GC1012: {
    status: 500,
    what: 'No server is known: there is no {file}.',
    next: 'Start one here with: groundcrew server. Or name one: by its data directory with --data DIR (GROUNDCREW_DATA), by its address with --server URL (GROUNDCREW_SERVER) and --token TOKEN (GROUNDCREW_TOKEN).',
  },
  GC1013: {
    status: 500,
    what: 'Cannot use the data directory {path}: {detail}',
    next: 'Give a directory that this user may write, with --data DIR.',
  },
  GC1014: {
    status: 500,
    what: 'Cannot listen on {address}: {detail}',
    next: 'Choose another address with --host and --port, or another directory with --data.',
  },
  GC1015: {
    status: 500,
    what: 'The provider {provider} names the driver {driver}, which this server does not have.',
    next: 'The only driver so far is: local. Run: groundcrew config check',
  },
  GC1016: {
    status: 404,
    what: 'Cannot compare: {project} has no finished build with test results before that one.',
    next: 'Name the earlier build with --from VERSION, or wait until one is finished.',
  },
  GC1017: {
    status: 400,
    what: 'Cannot pack the sources in {directory}: {detail}',
    next: 'Name the directory of the sources with checkout: in the job file, or with --checkout DIRECTORY.',
  },
  GC1018: {
    status: 500,
    what: 'The demo did not come out as it should:\n{problems}',
    next: 'Look at the lines above, and at the log in {log}.',
  },
  GC1019: {
    status: 405,
    what: 'Cannot {method} {path}: only {methods}.',
    next: 'Compare it with the API description at /api/openapi.json.',
  },
  GC1020: {
    status: 404,
    what: 'There is nothing at {path}.',
    next: 'The API is described at /api/openapi.json, the dashboard begins at /.',
  },
  GC1021: {
    status: 503,
    what: 'The database cannot be reached at the moment.',
    next: 'Send the request again in a moment; the server log says what is wrong.',
  },
  GC1022: {
    status: 503,
    what: 'This server is ending.',
    next: 'Send the request again: to another one, or in a moment.',
  },
  GC1023: {
    status: 413,
    what: 'The archive of the sources is too large: more than {limit}.',
    next: 'Leave out what the tests do not need.',
  },
  GC1024: {
    status: 400,
    what: 'The archive of the sources did not arrive: {detail}',
    next: 'Send it again, as a tar archive compressed with gzip.',
  },
  GC1025: {
    status: 409,
    what: 'Cannot revoke token {id}: it is revoked already.',
    next: 'There is nothing left to do: nobody is let in with it.',
  },
  GC1026: {
    status: 409,
    what: 'The provider {provider} cannot become one of the driver {driver} yet: it still has machines of the driver {before}.',
    next: 'They are drained by their own driver, and the change follows by itself when the last of them is gone. To have both at once, give the new one another name.',
  },
} as const;
