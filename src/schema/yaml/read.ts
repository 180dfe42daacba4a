import { Composer, type CST, type Document, type ErrorCode, Lexer, Parser } from 'yaml';
import { convert } from './convert.ts';
import type { Problems } from './problems.ts';
import { isUnclosed, syntaxMessage } from './syntax.ts';
import type { Source, Tree } from './tree.ts';
import { childTokens, findUnclosed, unclosedMessage } from './unclosed.ts';

/** Most symbols of YAML in one text: what is larger is not written by hand, and is refused before it costs time. */
const MAX_LEXEMES = 100_000;
/** Deepest nesting of maps and lists. */
const MAX_DEPTH = 50;
/** Complaints about syntax beyond this many are mostly echoes of the first. */
const MAX_SYNTAX_PROBLEMS = 5;

/** Reads YAML with the place of everything. Null when the syntax is broken: the problems say where. */
export function readYaml(source: Source, problems: Problems): Tree | null {
  const bare = /\p{Surrogate}|\0/u.exec(source.text);
  if (bare !== null) {
    problems.add({ source, offset: bare.index }, '', 'not text: it holds a character that no text has');
    return null;
  }
  const tokens = tokenise(source, problems);
  if (tokens === null) return null;
  const documents = [...new Composer(COMPOSER_OPTIONS).compose(tokens, true, source.text.length)];
  const document = documents[0] as Document.Parsed;
  let errors: SyntaxError[] = document.errors.map(({ code, message, pos }) => ({ code, message, offset: pos[0] }));
  if (errors.length === 0 && documents.length > 1) {
    errors = [{ code: 'MULTIPLE_DOCS', message: '', offset: (documents[1] as Document.Parsed).range[0] }];
  }
  if (errors.length === 0) return convert(document, source, problems);
  const places = new Set<number>();
  for (const { message, offset } of complaintsOf(errors, tokens).slice(0, MAX_SYNTAX_PROBLEMS)) {
    // What follows at the same place is an echo.
    if (!places.has(offset)) problems.add({ source, offset }, '', message);
    places.add(offset);
  }
  return null;
}

interface SyntaxError {
  code: ErrorCode;
  message: string;
  offset: number;
}

/** The parser notices a bracket or a quote that is not closed where something else begins; told is where it was opened. */
function complaintsOf(errors: readonly SyntaxError[], tokens: readonly CST.Token[]): Omit<SyntaxError, 'code'>[] {
  const unclosed = findUnclosed(tokens);
  const noticed = errors.filter(({ message }) => isUnclosed(message)).map(({ offset }) => offset);
  const isEcho = ({ code, message, offset }: SyntaxError): boolean => {
    if (isUnclosed(message)) return unclosed.length > 0;
    return unclosed.some((opened) => {
      const until = noticed.find((place) => place >= opened.offset) ?? opened.offset;
      return offset >= opened.offset && (offset <= until || code === 'UNEXPECTED_TOKEN');
    });
  };
  const others = errors.filter((error) => !isEcho(error));
  return [
    ...unclosed.map((opened) => ({ offset: opened.offset, message: unclosedMessage(opened) })),
    ...others.map(({ code, message, offset }) => ({ offset, message: syntaxMessage(code, message) })),
  ].sort((left, right) => left.offset - right.offset);
}

const COMPOSER_OPTIONS = { uniqueKeys: false, prettyErrors: false, logLevel: 'silent', merge: false } as const;

/** The parser's tokens, or null when they are too many or nested too deeply for the composer, which recurses. */
function tokenise(source: Source, problems: Problems): CST.Token[] | null {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let flowDepth = 0;
  let offset = 0;
  const refuse = (message: string): null => {
    problems.add({ source, offset: Math.min(offset, source.text.length) }, '', message);
    return null;
  };
  for (const lexeme of new Lexer().lex(source.text)) {
    lexemes += 1;
    if (lexemes > MAX_LEXEMES) return refuse(`it is too large: more than ${MAX_LEXEMES} symbols of YAML`);
    if (lexeme === '[' || lexeme === '{') flowDepth += 1;
    if (lexeme === ']' || lexeme === '}') flowDepth -= 1;
    if (flowDepth > MAX_DEPTH) return refuse('it is nested too deeply');
    tokens.push(...parser.next(lexeme));
    offset = tokens.at(-1)?.offset ?? offset;
  }
  tokens.push(...parser.end());
  const deep = findTooDeep(tokens);
  if (deep === null) return tokens;
  offset = deep;
  return refuse('it is nested too deeply');
}

/** The offset of the first token that is nested too deeply; looks without recursion. */
function findTooDeep(tokens: readonly CST.Token[]): number | null {
  let level: CST.Token[] = [...tokens];
  for (let depth = 0; level.length > 0; depth++) {
    // The document is a level of its own.
    if (depth > MAX_DEPTH + 1) return level[0]?.offset ?? 0;
    level = level.flatMap(childTokens);
  }
  return null;
}
