import { GroundcrewError } from '../base/errors/error.ts';
import type { Client } from './connect.ts';
import { numberOf } from './text/arguments.ts';

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

/** The id of `PROJECT@VERSION` or of a number. Errors: GC1002. */
export async function buildIdOf(client: Client, text: string): Promise<number> {
  const named = parseNamedBuild(text);
  if (named === null) return numberOf('build', text);
  const { items } = await client.call('listBuilds', { query: { ...named, limit: 1 } });
  const id = items[0]?.build_id;
  if (id === undefined) throw new GroundcrewError('GC1002', { kind: 'build', id: text });
  return id;
}

/** Project and version of `PROJECT@VERSION` or of a number. Errors: GC1002. */
export async function namedBuildOf(client: Client, text: string): Promise<NamedBuild> {
  const named = parseNamedBuild(text);
  if (named !== null) return named;
  const { project, build } = await client.call('getBuild', { path: { id: numberOf('build', text) } });
  return { project, version: build.version };
}
