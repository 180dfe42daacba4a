import { createRequire } from 'node:module';

// The bundle is one ECMAScript module, but `ws` in it is CommonJS and calls `require` for Node's own modules.
// Must be the first import of main.ts, so that it runs before theirs.
globalThis.require ??= createRequire(import.meta.url);
