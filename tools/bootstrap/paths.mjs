import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file is part of. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where the bootstrap keeps its stamps and logs; ignored by git. */
export const STATE_DIRECTORY = join(ROOT, 'build', 'bootstrap');
