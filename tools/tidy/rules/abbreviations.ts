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

/** Names are whole words, since they are read more often than written. */
export const abbreviations: Rule = {
  name: 'abbreviations',
  *check(project): Generator<Finding> {
    for (const file of project.files) {
      if (!isCode(file) || file.startsWith('examples/')) continue;
      for (const { name, line } of project.source(file).declared) {
        const word = splitName(name).find((part) => Object.hasOwn(WORDS, part));
        if (word === undefined) continue;
        yield { file, line, what: `the name ${name}`, instead: WORDS[word] as string };
      }
    }
  },
};

/** `tmpDir`, `tmp_dir` and `TMP_DIR` are two words. */
export function splitName(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_$]+/)
    .filter((part) => part !== '');
}
