import { SaxesParser } from 'saxes';

/** An element of an answer of the store. */
export interface XmlElement {
  readonly name: string;
  /** Its own text, without that of the elements in it. */
  text: string;
  readonly children: XmlElement[];
}

/** Deeper than any answer of S3. */
const MOST_DEPTH = 32;

/** Reads a whole answer. Throws an `Error` with the place when it is not well-formed XML, as a proxy's page may be. */
export function readXml(xml: string): XmlElement {
  const outside: XmlElement = { name: '', text: '', children: [] };
  const open = [outside];
  const innermost = (): XmlElement => open.at(-1) as XmlElement;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  // Entities come with it, and no answer has one.
  parser.on('doctype', () => {
    throw new Error('it has a document type declaration');
  });
  parser.on('opentag', ({ name }) => {
    if (open.length > MOST_DEPTH) throw new Error(`elements are nested more than ${MOST_DEPTH} deep`);
    const element = { name, text: '', children: [] };
    innermost().children.push(element);
    open.push(element);
  });
  const addText = (text: string): void => {
    innermost().text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => open.pop());
  // A store that takes long to answer sends spaces meanwhile.
  parser.write(xml.trimStart()).close();
  return outside.children[0] as XmlElement;
}

/** The elements with this name directly in another. */
export function childrenOf({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((child) => child.name === name);
}

/** The text of the first element with this name directly in another; null when there is none. */
export function textOf(element: XmlElement, name: string): string | null {
  return childrenOf(element, name)[0]?.text ?? null;
}
