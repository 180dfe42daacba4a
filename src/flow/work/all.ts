import type { BoundKind } from '../../queue/contract.ts';
import { bindKind } from '../../queue/kinds.ts';
import { ARCHIVE_LOG } from '../logs/archive.ts';
import type { Services } from '../services.ts';
import { INGEST_RUN } from './ingest.ts';

/** Every kind of work that a worker does. A new one adds its own file and a line here. */
export function workKinds(services: Services): BoundKind[] {
  return [bindKind(INGEST_RUN, services), bindKind(ARCHIVE_LOG, services)];
}
