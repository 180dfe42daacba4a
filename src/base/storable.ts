const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** The text with U+FFFD for NUL and for lone halves of surrogate pairs, which PostgreSQL and UTF-8 cannot hold. */
export function storable(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.replace(UNSTORABLE, '\ufffd');
}
