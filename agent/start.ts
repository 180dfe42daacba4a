import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';

// The bundle is one ECMAScript module, but `ws` in it is CommonJS and calls `require` for Node's own modules.
// Must be the first import of main.ts, so that it runs before theirs.
globalThis.require ??= createRequire(import.meta.url);

// A small young generation that stays small: the agent moves many short-lived buffers, and the machine is for the tests.
setFlagsFromString('--semi-space-growth-factor=1');
