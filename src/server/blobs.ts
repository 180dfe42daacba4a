import { isAbsolute, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Blobs } from '../blobs/contract.ts';
import { openDirectoryBlobs } from '../blobs/directory.ts';
import { openS3Blobs } from '../blobs/s3.ts';
import type { Config } from '../config/schema.ts';

/** The object store that the configuration names; a relative directory is below the data directory. */
export async function openBlobs(config: Pick<Config, 'blobs'>, data_directory: string, clock: Clock): Promise<Blobs> {
  if ('s3' in config.blobs) return openS3Blobs(config.blobs.s3, clock);
  const { directory } = config.blobs;
  return await openDirectoryBlobs(isAbsolute(directory) ? directory : join(data_directory, directory));
}
