import { GroundcrewError, messageOf } from '../base/errors/error.ts';

/** What the network says, in words for people. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there.',
  ECONNRESET: 'the connection was cut.',
  ENOTFOUND: 'the name of the host is not known.',
  EAI_AGAIN: 'the name of the host could not be looked up.',
  EHOSTUNREACH: 'there is no way to that host.',
  ENETUNREACH: 'there is no way to that network.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks http, not https.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it speaks http, not https.',
  ETIMEDOUT: 'there was no answer.',
  UND_ERR_CONNECT_TIMEOUT: 'there was no answer.',
  UND_ERR_HEADERS_TIMEOUT: 'there was no answer.',
  UND_ERR_SOCKET: 'the connection was cut.',
};

/** GC1011 for what the network threw, with what named the address; anything else as it is. */
export function unreachable(error: unknown, url: string, named_by = ''): unknown {
  const detail = detailOf(error);
  return detail === null
    ? error
    : new GroundcrewError('GC1011', { url, detail: `${detail} ${named_by}`.trim() }, error);
}

function detailOf(error: unknown): string | null {
  if (error instanceof SyntaxError) return 'it answered something that is not JSON, so it is another kind of server.';
  if ((error as { name?: unknown }).name === 'TimeoutError') return 'there was no answer in time.';
  const code = codeOf(error);
  if (code !== null) return WORDS[code] ?? `${messageOf(deepest(error))} (${code}).`;
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message)
    ? `${messageOf(deepest(error))}.`
    : null;
}

function deepest(error: unknown): unknown {
  const cause = (error as { cause?: unknown }).cause;
  return cause === undefined ? error : deepest(cause);
}

/** The code of a system or network error in the chain, or null. */
function codeOf(error: unknown): string | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as NodeJS.ErrnoException;
    // The upper-case ones are the system's and the HTTP client's; ours begin with GC.
    if (typeof code === 'string' && /^(E[A-Z]|UND_ERR|CERT|DEPTH|SELF|UNABLE|ERR_TLS|ERR_SSL)/.test(code)) return code;
  }
  return null;
}
