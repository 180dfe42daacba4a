const PLAIN = /^\d+(?:\.\d+)?$/;

/**
 * Milliseconds from a `time` attribute in seconds; null when there is none or it is not a number. Surefire groups
 * thousands (`1,234.5`), other writers use a decimal comma (`0,5`).
 */
export function durationFrom_ms(text: string): number | null {
  // Kept to the microsecond.
  const simple = Number(text);
  if (simple >= 0 && simple < 1e12 && text !== '') return Math.round(simple * 1e6) / 1e3;
  let plain = text;
  if (text.includes(',')) plain = text.includes('.') ? text.replaceAll(',', '') : text.replace(',', '.');
  if (!PLAIN.test(plain)) return null;
  return Math.round(Number(plain) * 1e6) / 1e3;
}
