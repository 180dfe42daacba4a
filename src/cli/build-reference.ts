import { GroundcrewError } from '../base/errors/error.ts';
import type { Client } from './connect.ts';

/** A build as people name it. */
export interface NamedBuild {
  project: string;
  version: string;
}

/** `acme/widget@9d8e7f6`, or null when the text is not of that form. */
export function parseNamedBuild(text: string): NamedBuild | null {
  const border = text.indexOf('@');
  return border > 0 && border < text.length - 1
    ? { project: text.slice(0, border), version: text.slice(border + 1) }
    : null;
}

/** The id of `PROJECT@VERSION` or of a number. Errors: GC1002, GC1047. */
export async function buildIdOf(client: Client, text: string): Promise<number> {
  const named = parseNamedBuild(text);
  if (named === null) return await numberedBuild(client, text);
  const { items } = await client.call('listBuilds', { query: { ...named, limit: 1 } });
  const id = items[0]?.build_id;
  if (id === undefined) throw new GroundcrewError('GC1002', { kind: 'build', id: text });
  return id;
}

/** The number; for a version alone GC1047, with the build that has it. */
async function numberedBuild(client: Client, text: string): Promise<number> {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  const { items } = await client.call('listBuilds', { query: { version: text.slice(0, 200), limit: 1 } });
  const [meant] = items;
  const hint = meant === undefined ? '' : ` Did you mean ${meant.project}@${meant.version}?`;
  throw new GroundcrewError('GC1047', { text, hint });
}

/** Project and version of `PROJECT@VERSION` or of a number. Errors: GC1002, GC1047. */
export async function namedBuildOf(client: Client, text: string): Promise<NamedBuild> {
  const named = parseNamedBuild(text);
  if (named !== null) return named;
  const { project, build } = await client.call('getBuild', { path: { id: await numberedBuild(client, text) } });
  return { project, version: build.version };
}
