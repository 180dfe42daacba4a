import { formatDuration } from '../base/units.ts';
import { type FileReader, noFiles } from '../schema/yaml/file.ts';
import { countOf, formatProblems, type Problem } from '../schema/yaml/problems.ts';
import type { DriverSchemas } from './drivers.ts';
import type { Variables } from './environment.ts';
import { readConfig } from './load.ts';
import type { Config } from './schema.ts';

/** What `config check` answers: lines for people, and the same as data. */
export interface ConfigCheck {
  ok: boolean;
  lines: string[];
  json: { file: string; ok: boolean; errors: Problem[]; warnings: Problem[]; summary: ConfigSummary | null };
}

/** What a configuration amounts to. */
export interface ConfigSummary {
  labels: { name: string; ready: number; max_ready_age_ms: number | null }[];
  /** `at_most`: nodes of the provider; null: as many as its node types allow. */
  providers: { name: string; driver: string; node_types: string[]; at_most: number | null }[];
}

/** Says everything that is wrong with a configuration, or what it amounts to. Never shows a secret. */
export function checkConfig(
  text: string,
  file: string,
  variables: Variables,
  drivers: DriverSchemas,
  read: FileReader = noFiles,
): ConfigCheck {
  const { config, errors, warnings } = readConfig(text, file, variables, drivers, read);
  const summary = config === null ? null : summaryOf(config);
  const json = { file, ok: summary !== null, errors: [...errors], warnings: [...warnings], summary };
  const said = warnings.length === 0 ? [] : [...formatProblems(warnings).map((line) => `! ${line}`), ''];
  const count = warnings.length === 0 ? '' : `, with ${countOf(warnings.length, 'warning')}`;
  if (summary === null) {
    const lines = [...formatProblems(errors), '', ...said, `✗ ${countOf(errors.length, 'problem')}${count}`];
    return { ok: false, lines, json };
  }
  return { ok: true, lines: [...said, `✓ ${file} is valid${count}`, ...linesOf(summary)], json };
}

function summaryOf(config: Config): ConfigSummary {
  return {
    labels: Object.entries(config.labels).map(([name, label]) => {
      return { name, ready: label.ready, max_ready_age_ms: label.max_ready_age_ms };
    }),
    providers: Object.entries(config.providers).map(([name, { driver, nodes, limits }]) => {
      return { name, driver, node_types: nodes.map((type) => type.name), at_most: limits.nodes ?? null };
    }),
  };
}

function linesOf({ labels, providers }: ConfigSummary): string[] {
  const width = Math.max(0, ...[...labels, ...providers].map(({ name }) => name.length)) + 2;
  return [
    ...labels.map(({ name, ready, max_ready_age_ms }, index) => {
      const age = max_ready_age_ms === null ? '' : `, none older than ${formatDuration(max_ready_age_ms)}`;
      return `  ${index === 0 ? 'labels   ' : '         '}  ${name.padEnd(width)}${ready} ready${age}`;
    }),
    ...providers.map(({ name, driver, node_types, at_most }, index) => {
      const types = node_types.length === 0 ? 'no node types' : node_types.join(', ');
      const most = at_most === null ? '' : `, at most ${countOf(at_most, 'node')}`;
      return `  ${index === 0 ? 'providers' : '         '}  ${name.padEnd(width)}${driver}: ${types}${most}`;
    }),
  ];
}
