import type { ErrorCode } from 'yaml';

/** YAML's own complaints in plain English; those that are not listed keep the parser's words. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  BAD_ALIAS: 'a value that begins with * is an alias in YAML; put text in quotes',
  BAD_DQ_ESCAPE: 'this \\ escape does not exist in double quotes; write \\\\ or use single quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on one line; put the text in quotes, or begin a new line',
  MULTILINE_IMPLICIT_KEY:
    'this line is no "key: value"; is the space after the colon missing, or its indentation wrong?',
  KEY_OVER_1024_CHARS: 'a key is longer than 1,024 characters; is the space after a colon missing?',
  MULTIPLE_ANCHORS: 'a value that begins with & is an anchor in YAML; put text in quotes',
  MULTIPLE_TAGS: 'a value that begins with ! is a tag in YAML; put text in quotes',
  MULTIPLE_DOCS: 'a second document begins here (---); only one is read',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
};

/** Does the YAML parser complain of a bracket or a quote that is not closed? */
export function isUnclosed(parserMessage: string): boolean {
  return /^(Flow (map|sequence) |Missing closing)/.test(parserMessage);
}

/** A complaint of the YAML parser for people. */
export function syntaxMessage(code: ErrorCode, parserMessage: string): string {
  return MESSAGES[code] ?? `not valid YAML: ${lowerFirst(parserMessage.split('\n')[0] as string)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
