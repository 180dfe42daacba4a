import { expect, test } from 'vitest';
import { childrenOf, readXml, textOf } from './s3-xml.ts';

test('an answer is read as XML is written, not as it usually looks', () => {
  const answer = readXml(
    `<?xml version="1.0"?><List xmlns="urn:s3"><!-- <Key>no</Key> --><Contents ><Key>a &lt;b&gt; &#xe4;</Key></Contents>
     <Contents><Key><![CDATA[<Key>c</Key>]]></Key><Size>3</Size></Contents><IsTruncated>false</IsTruncated></List>`,
  );
  expect(answer.name).toBe('List');
  expect(childrenOf(answer, 'Contents').map((each) => textOf(each, 'Key'))).toEqual(['a <b> ä', '<Key>c</Key>']);
  expect([textOf(answer, 'IsTruncated'), textOf(answer, 'Key')]).toEqual(['false', null]);
});

test.each([
  ['', 'document must contain a root element'],
  ['<html><body><br></body></html>', 'unexpected close tag'],
  ['<List><Key>a</Key>', 'unclosed tag: List'],
  ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'document type declaration'],
  ['<a>'.repeat(100), 'nested more than 32 deep'],
])('%s is no answer', (text, problem) => {
  expect(() => readXml(text)).toThrow(problem);
});
