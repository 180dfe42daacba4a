import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Services } from '../../flow/services.ts';

/** A server whose routes know the types of their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What every route is handed. */
export interface ApiContext {
  services: Services;
  version: string;
  /** Where people reach it, when a request does not say. */
  public_url(): string;
  /** The built dashboard, or null when it was not built. */
  dashboard_directory: string | null;
  /** Providers of the configuration that cannot be used, and why. */
  provider_problems(): ReadonlyMap<string, string>;
  /** The process has begun to end. */
  ending: boolean;
}
