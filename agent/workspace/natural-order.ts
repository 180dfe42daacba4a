/** `part2` before `part10`: digits compare as numbers, the rest as code units. A total order. */
export function compareNaturally(left: string, right: string): number {
  const leftParts = left.match(/\d+|\D+/g) ?? [];
  const rightParts = right.match(/\d+|\D+/g) ?? [];
  for (let index = 0; index < Math.min(leftParts.length, rightParts.length); index++) {
    const [one, two] = [leftParts[index] as string, rightParts[index] as string];
    const numeric = /^\d/.test(one) && /^\d/.test(two);
    const order = numeric ? compareDigits(one, two) : one < two ? -1 : one > two ? 1 : 0;
    if (order !== 0) return order;
  }
  return leftParts.length - rightParts.length || (left < right ? -1 : left > right ? 1 : 0);
}

function compareDigits(left: string, right: string): number {
  const [one, two] = [left.replace(/^0+(?=\d)/, ''), right.replace(/^0+(?=\d)/, '')];
  return one.length - two.length || (one < two ? -1 : one > two ? 1 : 0);
}
