/**
 * The house as data: which part of the tree a file belongs to, its floor, and what it may import.
 * The compiler's project references refuse most upward imports; this table is the whole truth.
 */
export interface Zone {
  name: string;
  floor: number;
  /** Zones of the same floor, or exceptions, that it may import whole. */
  also: readonly string[];
  /** When given: these zones and no others. */
  only?: readonly string[];
}

const NOUNS = [
  'builds',
  'runs',
  'assignments',
  'requests',
  'nodes',
  'images',
  'results',
  'analysis',
  'plugins',
  'notify',
];
const GROUND = ['base', 'protocol', 'labels', 'schema'];
const LOWER_THAN_FLOW = [...GROUND, 'store', 'queue', 'blobs', 'config', 'contract', 'formats', 'packed'];

const ZONES: readonly Zone[] = [
  { name: 'base', floor: 0, also: [] },
  { name: 'protocol', floor: 0, also: ['base', 'labels'] },
  { name: 'labels', floor: 0, also: ['base'] },
  { name: 'schema', floor: 0, also: ['base'] },
  { name: 'store', floor: 1, also: [] },
  { name: 'queue', floor: 1, also: ['store'] },
  { name: 'blobs', floor: 1, also: [] },
  { name: 'config', floor: 1, also: [] },
  { name: 'contract', floor: 2, also: [], only: GROUND },
  { name: 'driver', floor: 2, also: [], only: [...GROUND, 'contract'] },
  { name: 'drivers', floor: 2, also: ['driver'], only: [...GROUND, 'contract'] },
  { name: 'packed', floor: 2, also: [], only: GROUND },
  { name: 'formats', floor: 2, also: [], only: [...GROUND, 'packed'] },
  { name: 'states', floor: 3, also: [], only: [...GROUND, 'states'] },
  ...NOUNS.map((name) => ({ name, floor: 3, also: ['states'], only: LOWER_THAN_FLOW })),
  { name: 'flow', floor: 4, also: [], only: [...LOWER_THAN_FLOW, 'states', ...NOUNS] },
  { name: 'api', floor: 5, also: [], only: [...LOWER_THAN_FLOW, 'states', ...NOUNS, 'flow'] },
  { name: 'server', floor: 5, also: ['api'] },
  { name: 'cli', floor: 6, also: [], only: [...GROUND, 'config', 'drivers', 'states', 'jobfile', 'server'] },
  { name: 'main', floor: 7, also: [], only: ['base', 'cli', 'server'] },
  { name: 'agent', floor: 7, also: [], only: ['base', 'protocol'] },
  { name: 'web', floor: 7, also: [], only: [...GROUND, 'states'] },
  { name: 'bench', floor: 8, also: ['agent'] },
  { name: 'tools', floor: 8, also: [] },
  { name: 'sim', floor: 9, also: [] },
  { name: 'test', floor: 9, also: ['sim'] },
];

const BY_NAME = new Map(ZONES.map((zone) => [zone.name, zone]));

/** The zone of a file, or null when it is outside the house (configuration at the root, examples). */
export function zoneOf(file: string): Zone | null {
  return BY_NAME.get(zoneName(file)) ?? null;
}

function zoneName(file: string): string {
  if (file.includes('/testing/') || /\.test\.tsx?$/.test(file)) return 'test';
  if (file === 'src/main.ts') return 'main';
  if (/^src\/[^/]+\/state\.ts$/.test(file)) return 'states';
  if (/^src\/providers\/(contract\.ts|contract\/)/.test(file)) return 'contract';
  if (file === 'src/providers/all.ts') return 'drivers';
  if (file.startsWith('src/providers/')) return 'driver';
  const [top, second] = file.split('/');
  return (top === 'src' ? second : top) ?? '';
}

/** Some files of a noun are open to one other zone: the job file's reader, which the command line shares. */
const SHARED_FILES: Readonly<Record<string, RegExp>> = { jobfile: /^src\/runs\/jobfile\// };

/** Why an import is against the floors, or null when it is fine. */
export function whyForbidden(from: string, to: string): string | null {
  const importer = zoneOf(from);
  const imported = zoneOf(to);
  if (importer === null || imported === null || importer.name === 'test') return null;
  // A bench and the simulator may drive the stand-ins that tests use.
  if (imported.name === 'test' && (importer.name === 'bench' || importer.name === 'sim')) return null;
  if (imported.name === 'test') return 'only tests import what is for tests';
  if (imported.name === 'sim' && importer.name !== 'sim') return 'nothing imports the simulator';
  if (importer.name === 'driver' && imported.name === 'driver') return sameDriver(from, to);
  if (importer === imported || importer.also.includes(imported.name)) return null;
  if (importer.only !== undefined) {
    const shared = importer.only.some((name) => SHARED_FILES[name]?.test(to));
    return shared || importer.only.includes(imported.name) ? null : `${importer.name} may not see ${imported.name}`;
  }
  if (imported.floor < importer.floor) return null;
  return `${imported.name} (floor ${imported.floor}) is not below ${importer.name} (floor ${importer.floor})`;
}

function sameDriver(from: string, to: string): string | null {
  const driver = (file: string): string => file.split('/')[2] as string;
  return driver(from) === driver(to) ? null : 'a driver sees its contract, never another driver';
}
