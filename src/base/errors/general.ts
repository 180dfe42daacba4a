/** Command line, API and sign-in: codes GC10xx. */
export const generalErrors = {
  GC1001: {
    status: 500,
    what: 'Something went wrong inside Groundcrew: {detail}',
    next: 'Please report it with the log lines around it.',
  },
  GC1002: { status: 404, what: 'There is no {kind} {id}.', next: 'List what there is with: groundcrew {kind} list' },
  GC1003: {
    status: 401,
    what: 'The request carries no valid token.',
    next: 'Pass one with --token or GROUNDCREW_TOKEN; an admin makes one with: groundcrew token create',
  },
  GC1004: {
    status: 403,
    what: 'The token may not do this: it has the role {role}, and {action} needs {needed}.',
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
} as const;
