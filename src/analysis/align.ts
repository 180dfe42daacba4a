/**
 * Two sorted lists of tests side by side, by fingerprints. The tests that both have stand in the same order in both, so
 * the first that is common again after a difference is found by looking ahead, further and further.
 *
 * The low halves are enough as long as differences are small: only around them are different tests compared at all, and
 * among a million tests with ten thousand differences two are taken for the same once in some ten thousand comparisons.
 */
export interface FingerprintList {
  low: Uint32Array;
  /** Null while nobody needs them. */
  high: Uint32Array | null;
}

export interface AlignVisitor {
  /** The same tests in both: so many from these places on. */
  same(left: number, right: number, length: number): void;
  onlyLeft(left: number): void;
  onlyRight(right: number): void;
}

/** Tests skipped on both sides together before a table of what lies ahead is made. */
const NEAR = 8;
const FIRST_WINDOW = 32;
/** Looking further ahead than this takes both halves. */
const LOW_HALVES_WINDOW = 2048;

/**
 * Visits every test of both lists once, in order. False when it had to stop because so much differs that both halves
 * are needed: forget what was visited, and come again with them.
 */
export function align(left: FingerprintList, right: FingerprintList, visit: AlignVisitor): boolean {
  let at = 0;
  let other = 0;
  while (at < left.low.length && other < right.low.length) {
    const length = commonLength(left, at, right, other);
    if (length > 0) visit.same(at, other, length);
    at += length;
    other += length;
    if (at === left.low.length || other === right.low.length) break;
    const next = resume(left, at, right, other);
    if (next === null) return false;
    while (at < next.left) visit.onlyLeft(at++);
    while (other < next.right) visit.onlyRight(other++);
  }
  while (at < left.low.length) visit.onlyLeft(at++);
  while (other < right.low.length) visit.onlyRight(other++);
  return true;
}

/** How far both are the same from here on. */
function commonLength(left: FingerprintList, at: number, right: FingerprintList, other: number): number {
  const most = Math.min(left.low.length - at, right.low.length - other);
  const [low, otherLow, high, otherHigh] = [left.low, right.low, left.high, right.high];
  let length = 0;
  while (length < most && low[at + length] === otherLow[other + length]) {
    if (high !== null && otherHigh !== null && high[at + length] !== otherHigh[other + length]) break;
    length++;
  }
  return length;
}

function isSame(left: FingerprintList, at: number, right: FingerprintList, other: number): boolean {
  if (left.low[at] !== right.low[other]) return false;
  return left.high === null || right.high === null || left.high[at] === right.high[other];
}

interface Places {
  left: number;
  right: number;
}

/** Where both lists are the same again; their ends when they never are; null when low halves do not tell. */
function resume(left: FingerprintList, at: number, right: FingerprintList, other: number): Places | null {
  const leftLength = left.low.length;
  const rightLength = right.low.length;
  // By far the most differences are one or a few tests more on one side, or replaced by others.
  for (let ahead = 1; ahead <= NEAR; ahead++) {
    for (let skipped = 0; skipped <= ahead; skipped++) {
      const [first, second] = [at + skipped, other + ahead - skipped];
      if (first < leftLength && second < rightLength && isSame(left, first, right, second)) {
        return { left: first, right: second };
      }
    }
  }
  for (let window = FIRST_WINDOW; ; window *= 4) {
    if (window > LOW_HALVES_WINDOW && (left.high === null || right.high === null)) return null;
    const leftEnd = Math.min(leftLength, at + window);
    const rightEnd = Math.min(rightLength, other + window);
    const places = new Map<number, number>();
    for (let index = other; index < rightEnd; index++) places.set(wordOf(right, index), index);
    for (let index = at; index < leftEnd; index++) {
      const place = places.get(wordOf(left, index));
      if (place !== undefined && isSame(left, index, right, place)) return { left: index, right: place };
    }
    if (leftEnd === leftLength && rightEnd === rightLength) return { left: leftLength, right: rightLength };
  }
}

/** 53 bits of the fingerprint, or its low half alone: a key for maps. */
export function wordOf({ low, high }: FingerprintList, index: number): number {
  return (low[index] as number) + (high === null ? 0 : ((high[index] as number) >>> 11) * 2 ** 32);
}
