/** A part of a log with a heading: a step of the run. Lines are counted from 0. */
export interface Section {
  /** The step's ordinal; null for what comes before the first step. */
  ordinal: number | null;
  start_line: number;
}

export type Row = { kind: 'section'; section: Section; lines: number } | { kind: 'line'; line: number };

interface Part {
  section: Section;
  first_row: number;
  lines: number;
  folded: boolean;
}

/** Which row of the view shows what: headings, and the lines of the sections that are not folded. */
export class RowMap {
  readonly rows: number;
  readonly #parts: Part[] = [];

  constructor(sections: readonly Section[], lines: number, folded: (ordinal: number) => boolean) {
    const all = sections[0]?.start_line === 0 ? [...sections] : [{ ordinal: null, start_line: 0 }, ...sections];
    let row = 0;
    for (const [index, section] of all.entries()) {
      const end = all[index + 1]?.start_line ?? lines;
      const count = Math.max(0, Math.min(end, lines) - section.start_line);
      if (section.ordinal === null && count === 0) continue;
      const closed = section.ordinal !== null && folded(section.ordinal);
      this.#parts.push({ section, first_row: row, lines: count, folded: closed });
      row += (section.ordinal === null ? 0 : 1) + (closed ? 0 : count);
    }
    this.rows = row;
  }

  /** What a row shows; null beyond the end. */
  at(row: number): Row | null {
    if (row < 0 || row >= this.rows) return null;
    const part = this.#partOf((candidate) => candidate.first_row <= row);
    if (part === null) return null;
    const inside = row - part.first_row - headings(part);
    if (inside < 0) return { kind: 'section', section: part.section, lines: part.lines };
    return { kind: 'line', line: part.section.start_line + inside };
  }

  /** The line that a row shows; of a heading, or beyond the end, the nearest below or above. */
  lineAt(row: number): number {
    const found = this.at(Math.max(0, Math.min(row, this.rows - 1)));
    if (found === null) return 0;
    return found.kind === 'line' ? found.line : found.section.start_line;
  }

  /** The row of a line, or of its section's heading when that is folded. */
  rowOf(line: number): number {
    const part = this.#partOf((candidate) => candidate.section.start_line <= line);
    if (part === null) return 0;
    if (part.folded) return part.first_row;
    return part.first_row + headings(part) + Math.min(line - part.section.start_line, Math.max(0, part.lines - 1));
  }

  /** The section that a line is in; null before the first step. */
  sectionOf(line: number): Section | null {
    return this.#partOf((candidate) => candidate.section.start_line <= line)?.section ?? null;
  }

  /** The last part that fits, of parts in order. */
  #partOf(fits: (part: Part) => boolean): Part | null {
    let [low, high] = [0, this.#parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (fits(this.#parts[middle] as Part)) low = middle;
      else high = middle - 1;
    }
    return this.#parts[low] ?? null;
  }
}

function headings(part: Part): number {
  return part.section.ordinal === null ? 0 : 1;
}
