import { nearest } from '../base/suggest.ts';

/** What others call our keys: too far from them to be a mistyped one. The first that is known at the place counts. */
const OTHER_WORDS: Readonly<Record<string, readonly string[]>> = {
  ram: ['memory'],
  mem: ['memory'],
  cpu: ['cores'],
  cpus: ['cores'],
  vcpu: ['cores'],
  vcpus: ['cores'],
  pids: ['processes'],
  tags: ['labels'],
  pools: ['labels'],
  count: ['ready'],
  size: ['ready'],
  min: ['ready'],
  'min-ready': ['ready'],
  max_age: ['max_ready_age'],
  clouds: ['providers'],
  type: ['driver'],
  max: ['at_most', 'nodes'],
  duration: ['for', 'timeout'],
  ttl: ['for', 'max_ready_age'],
  command: ['run'],
  script: ['run', 'steps'],
  commands: ['steps'],
  tasks: ['steps'],
  needs: ['after'],
  depends_on: ['after'],
  runs_on: ['nodes'],
  'runs-on': ['nodes'],
  variables: ['env'],
  environment_variables: ['env'],
  reports: ['results'],
  junit: ['results'],
  version: ['build'],
  source: ['checkout'],
  repository: ['checkout'],
};

/** The known key that an unknown one stands for, by its spelling or its sense; null when none is likely. */
export function meantKey(key: string, known: readonly string[]): string | null {
  if (key.length > 60) return null;
  const word = key.toLowerCase();
  const other = Object.hasOwn(OTHER_WORDS, word) ? (OTHER_WORDS[word] as readonly string[]) : [];
  return nearest(key, known) ?? other.find((candidate) => known.includes(candidate)) ?? null;
}
