const UNITS_S = { d: 86_400, h: 3600, m: 60, s: 1 };

/** Seconds of `1h30m`; throws a RangeError for anything else. */
export function parseDuration(text) {
  const parts = [...text.matchAll(/(\d+)([dhms])/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new RangeError(`${text} is no duration: write 90s, 5m or 1h30m`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS_S[unit], 0);
}

/** The shortest text for a number of seconds: `1h30m`. */
export function formatDuration(seconds) {
  let rest = seconds;
  let text = '';
  for (const [unit, size] of Object.entries(UNITS_S)) {
    if (rest < size) continue;
    text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text || '0s';
}
