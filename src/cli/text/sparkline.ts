const BARS = '▁▂▃▄▅▆▇█';

/** `▁▂·▇`: each number beside the largest; a dot where there is none, and nothing at all when there is none anywhere. */
export function sparkline(values: readonly (number | null)[]): string {
  const most = Math.max(0, ...values.filter((value) => value !== null));
  if (most === 0) return '';
  const last = BARS.length - 1;
  return values.map((value) => (value === null ? '·' : BARS[Math.round((last * value) / most)])).join('');
}
