/**
 * Two sorted lists of tests side by side, by their fingerprints. The tests that both have stand in the same order in
 * both, so the first that is common again after a difference is found by looking ahead, further and further.
 */
export interface FingerprintList {
  /** Two halves a test, low first. */
  halves: Uint32Array;
  /** Number of tests. */
  length: number;
}

export interface AlignVisitor {
  /** The same test in both. */
  both(left: number, right: number): void;
  onlyLeft(left: number): void;
  onlyRight(right: number): void;
}

const FIRST_WINDOW = 32;

/** Visits every test of both lists once, in order. */
export function align(left: FingerprintList, right: FingerprintList, visit: AlignVisitor): void {
  let at = 0;
  let other = 0;
  while (at < left.length && other < right.length) {
    if (isSame(left, at, right, other)) {
      visit.both(at++, other++);
      continue;
    }
    const next = resume(left, at, right, other);
    while (at < next.left) visit.onlyLeft(at++);
    while (other < next.right) visit.onlyRight(other++);
  }
  while (at < left.length) visit.onlyLeft(at++);
  while (other < right.length) visit.onlyRight(other++);
}

function isSame(left: FingerprintList, at: number, right: FingerprintList, other: number): boolean {
  return left.halves[2 * at] === right.halves[2 * other] && left.halves[2 * at + 1] === right.halves[2 * other + 1];
}

/** Where both lists are the same again; their ends when they never are. */
function resume(
  left: FingerprintList,
  at: number,
  right: FingerprintList,
  other: number,
): { left: number; right: number } {
  // By far the most differences are one test more on one side, or one replaced by another.
  for (let ahead = 1; ahead <= 2; ahead++) {
    if (at + ahead < left.length && isSame(left, at + ahead, right, other)) return { left: at + ahead, right: other };
    if (other + ahead < right.length && isSame(left, at, right, other + ahead))
      return { left: at, right: other + ahead };
  }
  for (let window = FIRST_WINDOW; ; window *= 4) {
    const leftEnd = Math.min(left.length, at + window);
    const rightEnd = Math.min(right.length, other + window);
    const places = new Map<number, number>();
    for (let index = other; index < rightEnd; index++) places.set(wordOf(right, index), index);
    for (let index = at; index < leftEnd; index++) {
      const place = places.get(wordOf(left, index));
      if (place !== undefined && isSame(left, index, right, place)) return { left: index, right: place };
    }
    if (leftEnd === left.length && rightEnd === right.length) return { left: left.length, right: right.length };
  }
}

/** 53 bits of the fingerprint: a key for maps. */
export function wordOf(list: FingerprintList, index: number): number {
  return wordFrom(list.halves[2 * index] as number, list.halves[2 * index + 1] as number);
}

export function wordFrom(low: number, high: number): number {
  return low * 2 ** 21 + (high >>> 11);
}
