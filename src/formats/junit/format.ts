import type { Format } from '../contract.ts';
import { JunitParser } from './parse.ts';

/** The root element of a JUnit document, after a byte order mark, declarations and comments. */
const ROOT = /^\uFEFF?\s*(?:<\?[\s\S]*?\?>\s*|<!--[\s\S]*?-->\s*)*<(?:testsuites?|testcase)[\s/>]/;

export const JUNIT: Format = {
  name: 'junit',
  title: 'JUnit XML',
  detect(head, path) {
    const text = new TextDecoder(encodingOf(head)).decode(head);
    if (ROOT.test(text)) return 0.9;
    return /\.xml$/i.test(path) ? 0.1 : 0;
  },
  parser: (sink, limits) => new JunitParser(sink, limits),
};

function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
}
