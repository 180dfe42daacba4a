import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';

// The bundle is one ECMAScript module, but `ws` in it is CommonJS and calls `require` for Node's own modules.
// Must be the first import of main.ts, so that it runs before theirs.
globalThis.require ??= createRequire(import.meta.url);

// The agent moves many short-lived buffers, and the machine is for the tests: the heap grows in small steps, and its young
// generation stays small. Not `--no-opt --no-maglev`: a flood then takes three times the CPU.
setFlagsFromString('--optimize-for-size');
setFlagsFromString('--semi-space-growth-factor=1');
