import { JunitParser } from '../junit/parse.ts';

// Feeds the parser with a stream of a shape and size, and prints what came of it: for tests of bounded memory.
const [shape = '', megabytes = '1'] = process.argv.slice(2);
const PIECE = 64 * 1024;

const SHAPES: Record<string, { head: string; piece: string; tail: string }> = {
  tests: {
    head: '<testsuite name="s">',
    piece: '<testcase name="some name" classname="c" time="0.001"/>\n',
    tail: '</testsuite>',
  },
  trace: {
    head: '<testsuite name="s"><testcase name="t"><failure message="m">',
    piece: 'at x &lt;\n',
    tail: '</failure></testcase></testsuite>',
  },
  cdata: {
    head: '<testsuite name="s"><testcase name="t"><failure><![CDATA[',
    piece: 'at ]] x\n',
    tail: ']]></failure></testcase></testsuite>',
  },
  comment: { head: '<testsuite name="s"><!--', piece: 'no end - ', tail: '--></testsuite>' },
  instruction: { head: '<testsuite name="s"><?x ', piece: 'no end ', tail: '?></testsuite>' },
  outside: { head: '<testsuite name="s"/>', piece: ' \n', tail: '' },
  attribute: { head: '<testsuite name="', piece: 'no end ', tail: '"/>' },
  name: { head: '<testsuite><', piece: 'noend', tail: '/></testsuite>' },
  entity: { head: '<testsuite>&', piece: 'noend', tail: ';</testsuite>' },
  doctype: { head: '<!DOCTYPE x [', piece: '<!ENTITY a "b">', tail: ']><testsuite/>' },
  depth: { head: '<testsuite>', piece: '<properties>', tail: '' },
  noise: { head: '<testsuite>', piece: '\u0001&nbsp;', tail: '</testsuite>' },
};

const { head, piece, tail } = SHAPES[shape] as (typeof SHAPES)[string];
let tests = 0;
const parser = new JunitParser({
  test: () => void tests++,
  metric: () => undefined,
  attachment: () => undefined,
  fact: () => undefined,
});
parser.write(Buffer.from(head));
const block = Buffer.from(piece.repeat(Math.ceil(PIECE / piece.length)));
for (let bytes = 0; bytes < Number(megabytes) * 2 ** 20 && !parser.stopped; bytes += block.length) parser.write(block);
parser.write(Buffer.from(tail));
const { problem } = parser.end();
process.stdout.write(JSON.stringify({ tests, problem: problem?.problem ?? null }));
