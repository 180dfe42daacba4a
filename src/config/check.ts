import { formatDuration } from '../base/units.ts';
import type { Variables } from './environment.ts';
import { readConfig } from './load.ts';
import type { Config, ProviderConfig } from './schema.ts';
import { type FileReader, noFiles } from './yaml/file.ts';
import { countOf, formatProblems, type Problem } from './yaml/problems.ts';

/** What `config check` answers: lines for people, and the same as data. */
export interface ConfigCheck {
  ok: boolean;
  lines: string[];
  json: { file: string; ok: boolean; errors: Problem[]; warnings: Problem[] };
}

/** Says everything that is wrong with a configuration, or what it amounts to. Never shows a secret. */
export function checkConfig(text: string, file: string, variables: Variables, read: FileReader = noFiles): ConfigCheck {
  const { config, errors, warnings } = readConfig(text, file, variables, read);
  const json = { file, ok: config !== null, errors: [...errors], warnings: [...warnings] };
  if (config === null) {
    return { ok: false, lines: [...formatProblems(errors), '', `✗ ${countOf(errors.length, 'problem')}`], json };
  }
  const said = warnings.length === 0 ? [] : [...formatProblems(warnings).map((line) => `! ${line}`), ''];
  const count = warnings.length === 0 ? '' : `, with ${countOf(warnings.length, 'warning')}`;
  return { ok: true, lines: [...said, `✓ ${file} is valid${count}`, ...summarise(config)], json };
}

function summarise(config: Config): string[] {
  const labels = Object.entries(config.labels);
  const providers = Object.entries(config.providers);
  const names = [...labels, ...providers].map(([name]) => name.length);
  const width = Math.max(0, ...names) + 2;
  return [
    ...labels.map(([name, { ready, max_ready_age_ms }], index) => {
      const age = max_ready_age_ms === null ? '' : `, none older than ${formatDuration(max_ready_age_ms)}`;
      return `  ${index === 0 ? 'labels   ' : '         '}  ${name.padEnd(width)}${ready} ready${age}`;
    }),
    ...providers.map(([name, provider], index) => {
      return `  ${index === 0 ? 'providers' : '         '}  ${name.padEnd(width)}${describeProvider(provider)}`;
    }),
  ];
}

function describeProvider({ driver, nodes, limits }: ProviderConfig): string {
  const types = nodes.map(({ name }) => name).join(', ');
  const most = limits.nodes === null ? '' : `, at most ${countOf(limits.nodes, 'node')}`;
  return `${driver}: ${types === '' ? 'no node types' : types}${most}`;
}
