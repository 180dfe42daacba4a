import { join } from 'node:path';
import { GroundcrewError } from '../base/errors/error.ts';
import type { ValidateContext } from '../schema/validate.ts';
import { validate } from '../schema/validate.ts';
import { type FileReader, type FileText, noFiles, readTextFile } from '../schema/yaml/file.ts';
import { countOf, formatProblems, type Problem, Problems } from '../schema/yaml/problems.ts';
import type { Tree } from '../schema/yaml/tree.ts';
import { BUILT_IN_CONFIG } from './built-in.ts';
import { type DriverSchemas, NO_DRIVERS } from './drivers.ts';
import { configSubstitutions, type Variables } from './environment.ts';
import { MAX_CONFIG_BYTES, readWithIncludes } from './include.ts';
import { complainOfOther } from './other-file.ts';
import { readProviders } from './providers.ts';
import { resolveConfig } from './resolve.ts';
import { checkRules } from './rules.ts';
import { type Config, fileSection } from './schema.ts';

/** The file that is read when none is named. */
export const DEFAULT_CONFIG_FILE = 'groundcrew.yaml';

/** What came of reading a configuration: it is null exactly when there are errors. */
export interface ReadConfig {
  readonly config: Config | null;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** `data`: where the data is (`server.data`, `server.database`, `blobs`), whatever is wrong or not set elsewhere. */
export type ConfigPart = 'whole' | 'data';

/**
 * The configuration of a file, with what it includes. No file named: `groundcrew.yaml` here, or the built-in one when
 * there is none. Throws GC1101 with every problem, GC1102 when the file cannot be read. Warnings: see `readConfig`.
 */
export async function loadConfig(
  file: string | null | undefined,
  variables: Variables,
  drivers: DriverSchemas,
): Promise<Config> {
  return await loadPart(file, variables, drivers);
}

/**
 * Where a configuration keeps the data, for commands that need nothing else of it: what else is in it, and the secrets
 * that it asks for, is not looked at. Without a file the usual one of the directory, which is the working directory when
 * it is left out. Errors like those of `loadConfig`.
 */
export async function loadDataConfig(
  file: string | null | undefined,
  variables: Variables,
  directory = '',
): Promise<Pick<Config, 'server' | 'blobs'>> {
  return await loadPart(file, variables, 'data', directory);
}

/**
 * The text of a configuration's file. One without any text is refused: a full disk or a cut copy leaves it so, and taken
 * as a configuration it would end every provider.
 */
export function readConfigFile(path: string): FileText {
  const found = readTextFile(path, MAX_CONFIG_BYTES);
  if (!('text' in found) || found.text.trim() !== '') return found;
  return { problem: 'it is empty', missing: false };
}

async function loadPart(
  file: string | null | undefined,
  variables: Variables,
  part: DriverSchemas | 'data',
  directory = '',
): Promise<Config> {
  const name = file ?? join(directory, DEFAULT_CONFIG_FILE);
  const found = part === 'data' ? readTextFile(name, MAX_CONFIG_BYTES) : readConfigFile(name);
  const [drivers, of] = part === 'data' ? [NO_DRIVERS, 'data' as const] : [part, 'whole' as const];
  if ('text' in found) return configOf(readConfig(found.text, name, variables, drivers, readTextFile, of), name);
  if (found.missing && (file === null || file === undefined)) {
    return configOf(readConfig(BUILT_IN_CONFIG, name, {}, drivers, noFiles, of), name);
  }
  throw new GroundcrewError('GC1102', { file: name, detail: found.problem, how: '--config FILE' });
}

/**
 * The configuration of a text. `file` is its name in messages, and where its relative paths begin; `read` gets the
 * files that it names, none unless handed in. Throws GC1101 with every problem.
 */
export function parseConfig(
  text: string,
  file: string,
  variables: Variables,
  drivers: DriverSchemas,
  read: FileReader = noFiles,
): Config {
  return configOf(readConfig(text, file, variables, drivers, read), file);
}

function configOf({ config, errors }: ReadConfig, file: string): Config {
  if (config !== null) return config;
  throw new GroundcrewError('GC1101', {
    file,
    count: countOf(errors.length, 'problem'),
    problems: formatProblems(errors).join('\n'),
  });
}

/** Like `parseConfig`, with errors and warnings as data instead of a throw. */
export function readConfig(
  text: string,
  file: string,
  variables: Variables,
  drivers: DriverSchemas,
  read: FileReader = noFiles,
  part: ConfigPart = 'whole',
): ReadConfig {
  const problems = new Problems();
  const context = { problems, substitutions: configSubstitutions(variables, read) };
  const config = readTexts(text, file, { ...context, drivers }, read, part);
  const errors = problems.list('error');
  return { config: errors.length === 0 ? config : null, errors, warnings: problems.list('warning') };
}

function readTexts(
  text: string,
  file: string,
  context: ValidateContext & { drivers: DriverSchemas },
  read: FileReader,
  part: ConfigPart,
): Config | null {
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES) {
    const place = { source: { file, text: '' }, offset: 0 };
    context.problems.add(place, '', `the file is too large: ${MAX_CONFIG_BYTES} bytes are the most`);
    return null;
  }
  const whole = readWithIncludes(text, file, { ...context, read });
  if (whole === null || complainOfOther(whole, 'configuration', context.problems)) return null;
  const tree = part === 'whole' ? whole : dataOnly(whole);
  const values = validate(fileSection, tree, context);
  const providers = readProviders(tree, context, context.drivers);
  checkRules(tree, values, providers, context);
  if (values === undefined) return null;
  return resolveConfig(values, providers, file, { tree, drivers: context.drivers });
}

function dataOnly(tree: Tree): Tree {
  return only(tree, { server: (server) => only(server, { data: same, database: same }), blobs: same });
}

const same = (tree: Tree): Tree => tree;

function only(tree: Tree, kept: Readonly<Record<string, (value: Tree) => Tree>>): Tree {
  if (tree.kind !== 'map') return tree;
  const entries = tree.entries.flatMap((entry) => {
    const keep = Object.hasOwn(kept, entry.key) ? kept[entry.key] : undefined;
    return keep === undefined ? [] : [{ ...entry, value: keep(entry.value) }];
  });
  return { ...tree, entries };
}
