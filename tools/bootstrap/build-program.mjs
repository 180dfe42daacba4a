import { mkdirSync, readdirSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeStamp } from './fresh.mjs';

/** CommonJS packages inside an ES module call `require` for Node's own modules. */
const REQUIRE =
  "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);";

const HOUR_MS = 3_600_000;

/** More of them do not help. */
const MOST_ERRORS = 10;

/** What esbuild is told: one ES module for Node, readable, with a source map. */
export function programOptions(root, program, output) {
  return {
    absWorkingDir: root,
    entryPoints: [{ in: program.entry, out: basename(output, '.js') }],
    outdir: dirname(output),
    bundle: true,
    // What is imported later is loaded later; an agent is one file.
    splitting: program.packages === 'external',
    // Beside it, since programs find their threads' files by their own address.
    chunkNames: `${basename(output, '.js')}-[name]-[hash]`,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: program.packages === 'external' ? 'external' : 'bundle',
    banner: program.packages === 'external' ? {} : { js: REQUIRE },
    sourcemap: program.packages === 'external' ? 'linked' : false,
    legalComments: 'eof',
    // A single character beyond Latin-1 would double what the whole text of an agent takes in memory.
    charset: program.packages === 'external' ? 'utf8' : 'ascii',
    metafile: true,
    write: false,
    logLevel: 'silent',
  };
}

/** Bundles one program and puts the files in place by renaming, so that a running one never reads half of it. */
export async function buildProgram(root, program, { stamp, output, key }) {
  const started_ms = Date.now();
  const { build, formatMessages } = await import('esbuild');
  let result;
  try {
    result = await build(programOptions(root, program, output));
  } catch (error) {
    const messages = await formatMessages((error.errors ?? []).slice(0, MOST_ERRORS), {
      kind: 'error',
      color: process.stderr.isTTY,
    });
    throw new Error(`Cannot build ${program.entry}:\n${messages.join('') || error.message}`, { cause: error });
  }
  const size_bytes = result.outputFiles.find((file) => file.path === output).contents.length;
  if (program.limit_bytes && size_bytes > program.limit_bytes) {
    throw new Error(`Cannot build ${program.entry}: ${size_bytes} bytes, and its limit is ${program.limit_bytes}.`);
  }
  for (const file of result.outputFiles) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(`${file.path}.new`, file.contents);
    renameSync(`${file.path}.new`, file.path);
  }
  removeOldChunks(dirname(output), basename(output, '.js'), started_ms);
  const inputs = Object.keys(result.metafile.inputs).filter((path) => !path.startsWith('node_modules/'));
  writeStamp(root, stamp, key, inputs, started_ms);
}

/** Parts of earlier builds. Those of the last hour stay: a program that started meanwhile may still load them. */
function removeOldChunks(directory, name, now_ms) {
  const isChunk = (file) => file.startsWith(`${name}-`) && /-[A-Z0-9]{8}\.js(\.map)?$/.test(file);
  for (const file of readdirSync(directory).filter(isChunk)) {
    const path = join(directory, file);
    if (now_ms - statSync(path).mtimeMs > HOUR_MS) unlinkSync(path);
  }
}
