const DURATION_UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_UNITS: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** `500ms`, `5s`, `2m`, `8h`, `1d`, and sums such as `1h30m`; null when the text is none of these. */
export function parseDuration_ms(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return null;
  return parts.reduce((sum, part) => sum + Number(part[1]) * (DURATION_UNITS_MS[part[2] as string] as number), 0);
}

/** For people: `0.4 s`, `6 min 12 s`, `8 h`. */
export function formatDuration(duration_ms: number): string {
  if (duration_ms < 1000) return `${Math.round(duration_ms)} ms`;
  if (duration_ms < 60_000) return `${(duration_ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(duration_ms / 1000);
  if (seconds < 3600) return joinUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return joinUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return joinUnits(Math.floor(minutes / 1440), 'd', Math.round((minutes % 1440) / 60), 'h');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `512MiB`, `400GiB`; null when the text is not a size with a binary unit. */
export function parseSize_bytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/.exec(text);
  return match ? Math.round(Number(match[1]) * (SIZE_UNITS[match[2] as string] as number)) : null;
}

/** For people: `12.3 MiB`. */
export function formatSize(size_bytes: number): string {
  const units = Object.entries(SIZE_UNITS).reverse();
  const [unit, factor] = units.find(([, size]) => size_bytes >= size) ?? ['B', 1];
  const value = size_bytes / factor;
  return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`;
}
