import { systemClock } from '../base/clock.ts';
import { GroundcrewError } from '../base/errors/error.ts';
import type { OPERATIONS } from '../protocol/client.generated.ts';
import { type ApiClient, ApiProblem, createClient, problemFrom } from '../protocol/client.ts';
import { type ClientFile, readClientFile } from '../server/client-file.ts';
import { type ConnectionFlags, type ConnectionPlace, clientFiles, type ServerHere } from './client-files.ts';
import { settingOf } from './surroundings.ts';
import { unreachable } from './unreachable.ts';

type Target = Parameters<ApiClient['address']>[1];

/** The typed client, with every failure to reach the server as GC1011. */
export interface Client extends ApiClient {
  readonly url: string;
  /** What named the address, a sentence for GC1011. */
  readonly named_by: string;
  /** For answers that are streams: the response, once it is a good one. Errors: ApiProblem, GC1011. */
  open(name: keyof typeof OPERATIONS, input?: Target, request?: RequestInit): Promise<Response>;
  /** The headers of a good token; GC1003 when it is none, before anything is sent. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What `randomSecret` makes, and what a header can carry. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{1,500}$/;

/**
 * A client of the server that the flags name, else GROUNDCREW_SERVER and GROUNDCREW_TOKEN, else the one that was
 * started here, else where this program is: its data directory holds address and token for this user. Errors: GC1012
 * when none is known, GC1011 for an address that is none, GC1003 for a token that is none.
 */
export function connect(flags: ConnectionFlags, place: ConnectionPlace): Client {
  const { environment, tell } = place;
  const files = clientFiles(flags, place);
  const servers: [source: string, address: string | undefined][] = [
    ['--server', flags.server],
    ['GROUNDCREW_SERVER', settingOf(environment, 'GROUNDCREW_SERVER')],
  ];
  const [named_by, given] = servers.find(([, address]) => address !== undefined) ?? [];
  const asked = given === undefined ? null : addressOf(given);
  const [file, known] = knownServer(files, asked, place.here) ?? [];
  const url = asked ?? known?.url;
  if (url === undefined) throw new GroundcrewError('GC1012', { file: files.join(', nor ') });
  const isLocal = known && isSameAddress(url, known.url);
  const tokens: [source: string, token: string | undefined][] = [
    ['--token', flags.token],
    ['GROUNDCREW_TOKEN', settingOf(environment, 'GROUNDCREW_TOKEN')],
    [file ?? '', isLocal ? known.token : undefined],
  ];
  const [source, token] = tokens.find(([, given]) => given !== undefined) ?? [];
  if (token !== undefined && !TOKEN.test(token)) {
    throw new GroundcrewError('GC1003', { detail: `the one of ${source} has characters that no token has` });
  }
  const elsewhere = file === undefined ? '' : `, and ${file} knows another server`;
  const origin =
    source === undefined
      ? `no token was sent, since neither --token nor GROUNDCREW_TOKEN names one${elsewhere}`
      : `the token is from ${source}`;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return withPlainErrors(createClient({ url, headers }), url, {
    named_by: `The address is from ${named_by ?? file}${doubt(place.here, given === undefined && file)}.`,
    origin,
    tell,
  });
}

/** The file that counts, and what it says: of the server that is asked for, else of one that answers, else the first. */
function knownServer(
  files: readonly string[],
  asked: string | null,
  here: ServerHere | undefined,
): [file: string, known: ClientFile] | undefined {
  const found = files.flatMap((file): [string, ClientFile][] => {
    const known = readClientFile(file);
    return known === null ? [] : [[file, known]];
  });
  const meant = found.find(([file, { url }]) =>
    asked === null ? file === here?.answering : isSameAddress(asked, url),
  );
  return meant ?? found[0];
}

/** What may be the reason that it is the wrong file. */
function doubt(here: ServerHere | undefined, file: string | false | undefined): string {
  return here?.configured === null && file ? ', as groundcrew.yaml has problems and names no data directory' : '';
}

/** `HOST:PORT` is taken as http. */
function addressOf(text: string): string {
  const full = text.includes('://') ? text : `http://${text}`;
  const address = URL.parse(full);
  if (address === null || !/^https?:$/.test(address.protocol) || address.hostname === '') {
    throw new GroundcrewError('GC1011', {
      url: text,
      detail: 'that is no address of a server; write it as http://HOST:PORT.',
    });
  }
  return full.replace(/\/+$/, '');
}

/** The same scheme, host, port and path: nobody else is sent the token of the server here. */
function isSameAddress(left: string, right: string): boolean {
  const [one, other] = [left, right].map((text) => URL.parse(`${text.replace(/\/+$/, '')}/`)?.href);
  return one !== undefined && one === other;
}

interface Manner {
  named_by: string;
  /** Where the token is from, or why there is none: the end of a sentence. */
  origin: string;
  tell: ConnectionPlace['tell'];
}

/** With a token that was refused, whose it is and who refused it. */
function explained(error: unknown, url: string, origin: string): unknown {
  if (!(error instanceof ApiProblem) || error.problem.code !== 'GC1003') return error;
  const detail = `${error.problem.detail} The server is ${url}; ${origin}.`;
  return new ApiProblem({ ...error.problem, detail });
}

function withPlainErrors(client: ApiClient, url: string, manner: Manner): Client {
  const { origin, named_by, tell = () => undefined } = manner;
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const started_ms = systemClock.monotonic_ms();
    try {
      return await work();
    } catch (error) {
      throw explained(unreachable(error, url, named_by), url, origin);
    } finally {
      tell(`· ${what}  ${Math.round(systemClock.monotonic_ms() - started_ms)} ms`);
    }
  };
  return {
    ...client,
    url,
    named_by,
    call: async (name, input) => await timed(`${name} ${client.address(name, input)}`, () => client.call(name, input)),
    open: async (name, input, request) =>
      await timed(`${name} ${client.address(name, input)}`, async () => {
        const headers = { ...client.headers, ...(request?.headers as Record<string, string> | undefined) };
        const response = await fetch(client.address(name, input), { ...request, headers });
        if (!response.ok) throw await problemFrom(response);
        return response;
      }),
  };
}
