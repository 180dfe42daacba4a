import { createRequire } from 'node:module';

// The bundle is one ECMAScript module, but `ws` and `pino` in it are CommonJS and call `require` for Node's own modules.
// Must be the first import of main.ts, so that it runs before theirs.
globalThis.require ??= createRequire(import.meta.url);
