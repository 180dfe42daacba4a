import type { Finding, Rule } from '../finding.ts';
import { isCode } from '../project.ts';

/** What stands for a whole word, and that word. */
export const WORDS: Readonly<Record<string, string>> = {
  addr: 'address',
  arr: 'the noun in plural',
  btn: 'button',
  cb: 'callback',
  cfg: 'config',
  cmd: 'command',
  cnt: 'count',
  conf: 'config',
  ctx: 'context',
  dir: 'directory',
  err: 'error',
  evt: 'event',
  fn: 'a verb',
  idx: 'index',
  mgr: 'the noun itself',
  msg: 'message',
  num: 'number or count',
  obj: 'the noun itself',
  opts: 'options',
  pkg: 'package',
  prev: 'previous',
  proc: 'process',
  pwd: 'password',
  req: 'request',
  res: 'response or result',
  resp: 'response',
  ret: 'result',
  srv: 'server',
  str: 'text',
  tmp: 'temporary, or what it is for',
  usr: 'user',
  val: 'value',
};

const DECLARED = /\b(?:const|let|var|function\*?|class|interface|type)\s+([A-Za-z_$][\w$]*)/g;
const DESTRUCTURED = /\b(?:const|let|var)\s*([{[][^=;]*?[}\]])\s*=/g;
/** A list of parameters: in parentheses, and followed by an arrow, a body or a return type. */
const PARAMETERS = /\(([^()]*)\)\s*(?:=>|\{|:)/g;

/** Names are whole words, since they are read more often than written. */
export const abbreviations: Rule = {
  name: 'abbreviations',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!isCode(file) || file.startsWith('examples/')) continue;
      const source = project.source(file);
      for (const { name, offset } of declaredNames(source.code)) {
        const word = splitName(name).find((part) => Object.hasOwn(WORDS, part));
        if (word === undefined) continue;
        yield { file, line: source.lineAt(offset), what: `the name ${name}`, instead: WORDS[word] as string };
      }
    }
  },
};

/** Names of variables, functions, types and parameters, where they are declared. */
export function* declaredNames(code: string): Generator<{ name: string; offset: number }> {
  for (const match of code.matchAll(DECLARED)) {
    yield { name: match[1] as string, offset: match.index };
  }
  for (const match of code.matchAll(DESTRUCTURED)) yield* boundNames(match[1] as string, match.index);
  for (const match of code.matchAll(PARAMETERS)) {
    if (/\b(?:if|while|for|switch|catch)\s*$/.test(code.slice(Math.max(0, match.index - 12), match.index))) continue;
    yield* boundNames(match[1] as string, match.index + 1);
  }
}

/** `{ a: b, c = 1, ...d }` binds b, c and d; `a: Type` binds a only outside braces. */
function* boundNames(list: string, offset: number): Generator<{ name: string; offset: number }> {
  const isPattern = /^\s*[{[]/.test(list);
  for (const match of list.matchAll(
    /(?:^|[,{[(])\s*(?:\.\.\.)?([A-Za-z_$][\w$]*)\s*\??\s*(:\s*([A-Za-z_$][\w$]*))?/g,
  )) {
    const name = isPattern && match[3] !== undefined ? match[3] : (match[1] as string);
    yield { name, offset: offset + match.index };
  }
}

/** `tmpDir`, `tmp_dir` and `TMP_DIR` are two words. */
export function splitName(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_$]+/)
    .filter((part) => part !== '');
}
