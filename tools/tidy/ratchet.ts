/** Files that are longer than the limit, and by how much. Entries are exact: they may shrink and go, never grow or come. */
export const RATCHET: Readonly<Record<string, number>> = {};
