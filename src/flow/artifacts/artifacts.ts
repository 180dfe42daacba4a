import type { Readable } from 'node:stream';
import { GroundcrewError } from '../../base/errors/error.ts';
import type { RunId } from '../../base/ids.ts';
import { secretHash } from '../../base/random.ts';
import { formatSize } from '../../base/units.ts';
import { RUN_FILES_MOST } from '../../protocol/agent.ts';
import { checkArtifactPath } from '../../runs/artifact-path.ts';
import {
  type AgentRun,
  type ArtifactRow,
  findArtifact,
  keepArtifact,
  measureOtherArtifacts,
  runOfSecret,
} from '../../runs/store/artifacts.ts';
import type { Services } from '../services.ts';
import { keptParts, otherPartsMost_bytes, PART_BYTES, removeParts, storeInParts } from './parts.ts';

/** Of one file. */
export const ARTIFACT_LARGEST_BYTES = 8 * 2 ** 30;
/** Of all files of a run, with the parts of those that are on their way. Agents leave out what is beyond 10 GiB. */
export const RUN_FILES_LARGEST_BYTES = 12 * 2 ** 30;

/** What an agent says about a file that it sends; see AGENT_PATHS.artifact. */
export interface ArtifactUpload {
  path: string;
  kind: 'artifact' | 'result';
  /** Of results: their order. */
  ordinal: number;
  /** Of results: how to read it. */
  format?: string | null;
  /** Of the whole file, bytes. */
  size: number;
  /** Of the whole file. */
  sha256: Buffer;
  /** Where the body begins: what `artifactKept` told. Default 0. */
  offset?: number;
}

/**
 * Keeps one file of a running run, with its size and hash checked on the way; nothing of a body that does not fit is
 * kept. Sending a file again is fine: the same one is not stored twice, another one takes its place.
 * Errors: GC1642 not this agent's run any more, GC1643 path, GC1644 too large or too many, GC1645 offset, GC1222 hash or size.
 */
export async function storeArtifact(
  services: Services,
  bearer: string,
  run_id: RunId,
  fence: number,
  upload: ArtifactUpload,
  body: Readable,
): Promise<void> {
  const { db } = services.connection;
  await requireRun(services, bearer, run_id, fence);
  const path = checkArtifactPath(upload.path);
  const { kind, ordinal, size, sha256 } = upload;
  const refuse = (detail: string): never => {
    throw new GroundcrewError('GC1644', { path, run: run_id, detail });
  };
  if (size > ARTIFACT_LARGEST_BYTES)
    refuse(`it has ${formatSize(size)}, and a file may have ${formatSize(ARTIFACT_LARGEST_BYTES)}.`);
  const kept = await findArtifact(db, run_id, kind, path);
  const same = kept !== null && kept.size === size && kept.sha256.equals(sha256);
  const blob = blobOf(run_id, sha256);
  const prefix = partsOf(run_id, sha256);
  if (same) body.resume();
  else {
    await refuseBeyondBounds(services, { run_id, kind, path, size, prefix }, refuse);
    const offset = upload.offset ?? 0;
    if (size > PART_BYTES) await storeInParts(services.blobs, { prefix, key: blob, path, size, sha256 }, offset, body);
    else if (offset !== 0) throw new GroundcrewError('GC1645', { path, offset, kept: 0 });
    else await services.blobs.put(blob, body, { sha256, size_bytes: size });
  }
  const artifact = { run_id, kind, path, ordinal, format: upload.format ?? null, size, sha256, blob };
  if (!(await keepArtifact(db, fence, artifact))) throw stale(run_id, fence);
  if (size > PART_BYTES) await removeParts(services.blobs, prefix);
}

async function refuseBeyondBounds(
  { connection, blobs }: Services,
  file: { run_id: RunId; kind: 'artifact' | 'result'; path: string; size: number; prefix: string },
  refuse: (detail: string) => never,
): Promise<void> {
  const { run_id, kind, path, size, prefix } = file;
  const others = await measureOtherArtifacts(connection.db, run_id, kind, path);
  if (others.count >= RUN_FILES_MOST) refuse(`the run has ${RUN_FILES_MOST} files already.`);
  // A small file comes whole, and adds nothing to what is on its way.
  const parts_bytes = size > PART_BYTES ? await otherPartsMost_bytes(blobs, uploadsOf(run_id), prefix) : 0;
  if (others.bytes + parts_bytes + size <= RUN_FILES_LARGEST_BYTES) return;
  refuse(`with its ${formatSize(size)} the run's files would have more than ${formatSize(RUN_FILES_LARGEST_BYTES)}.`);
}

/** How much of a file is kept: all of it, or what came of a large one before a cut. Errors: GC1642, GC1643. */
export async function artifactKept(
  services: Services,
  bearer: string,
  run_id: RunId,
  fence: number,
  upload: Pick<ArtifactUpload, 'path' | 'kind' | 'size'> & { sha256?: Buffer | null },
): Promise<{ kept_bytes: number; complete: boolean }> {
  await requireRun(services, bearer, run_id, fence);
  const kept = await findArtifact(services.connection.db, run_id, upload.kind, checkArtifactPath(upload.path));
  const { size, sha256 } = upload;
  const complete = kept !== null && kept.size === size && (!sha256 || kept.sha256.equals(sha256));
  if (complete) return { kept_bytes: size, complete };
  const parts = sha256 ? await keptParts(services.blobs, partsOf(run_id, sha256)) : null;
  return { kept_bytes: parts?.bytes ?? 0, complete };
}

/** The bytes of a file that is kept. Errors: those of the object store. */
export async function readArtifact(services: Services, artifact: ArtifactRow): Promise<Readable> {
  return await services.blobs.get(artifact.blob);
}

/**
 * The sources of a run, as the archive (tar.gz) that came with its submission.
 * Errors: GC1642 not this agent's run any more, GC1002 the submission brought none, GC1221 it is gone.
 */
export async function checkoutStream(
  services: Services,
  bearer: string,
  run_id: RunId,
  fence: number,
): Promise<{ size_bytes: number; stream: Readable }> {
  const { checkout_blob } = await requireRun(services, bearer, run_id, fence);
  const head = checkout_blob === null ? null : await services.blobs.head(checkout_blob);
  if (checkout_blob === null || head === null) throw new GroundcrewError('GC1002', { kind: 'checkout', id: run_id });
  return { size_bytes: head.size_bytes, stream: await services.blobs.get(checkout_blob) };
}

async function requireRun(services: Services, bearer: string, run_id: RunId, fence: number): Promise<AgentRun> {
  const run = await runOfSecret(services.connection.db, secretHash(bearer), run_id, fence);
  if (run === null) throw stale(run_id, fence);
  return run;
}

function stale(run_id: RunId, fence: number): GroundcrewError {
  return new GroundcrewError('GC1642', { run: run_id, fence });
}

// By content: equal files of one run are one object, and a half-done replacement cannot spoil what the row names.
function blobOf(run_id: RunId, sha256: Buffer): string {
  return `artifacts/${run_id}/${sha256.toString('hex')}`;
}

function partsOf(run_id: RunId, sha256: Buffer): string {
  return `${uploadsOf(run_id)}/${sha256.toString('hex')}`;
}

/** Where the parts of a run's unfinished uploads are. */
export function uploadsOf(run_id: RunId): string {
  return `uploads/${run_id}`;
}
