/** What is left of a text once comments and literals are told from code. */
export interface Scanned {
  code: string;
  literals: { text: string; start: number }[];
}

/** After these a slash begins a regular expression, not a division. */
const BEFORE_REGULAR_EXPRESSION =
  /(?:^|[=(,:;!&|?{}[\n+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|yield|await))\s*$/;

/** Walks once over the text; nested templates are handled, JSX text is taken as code. */
export function scan(text: string): Scanned {
  const state: State = { text, at: 0, code: [], literals: [] };
  scanCode(state, false);
  return { code: state.code.join(''), literals: state.literals };
}

interface State {
  text: string;
  at: number;
  code: string[];
  literals: { text: string; start: number }[];
}

/** Until the end, or until the brace that closes a template's `${`. */
function scanCode(state: State, insideTemplate: boolean): void {
  let depth = 0;
  while (state.at < state.text.length) {
    const character = state.text[state.at] as string;
    const pair = state.text.slice(state.at, state.at + 2);
    if (pair === '//') blankUntil(state, '\n', 0);
    else if (pair === '/*') blankUntil(state, '*/', 2);
    else if (character === "'" || character === '"') scanString(state, character);
    else if (character === '`') scanTemplate(state);
    else if (character === '/' && beginsRegularExpression(state)) scanRegularExpression(state);
    else {
      if (insideTemplate && character === '}' && depth === 0) return;
      if (character === '{') depth++;
      if (character === '}') depth--;
      state.code.push(character);
      state.at++;
    }
  }
}

function beginsRegularExpression(state: State): boolean {
  const before = state.code.slice(-40).join('');
  return before.trim() === '' || BEFORE_REGULAR_EXPRESSION.test(before);
}

function blank(piece: string): string {
  return piece.replace(/[^\n]/g, ' ');
}

function blankUntil(state: State, end: string, keep: number): void {
  const found = state.text.indexOf(end, state.at + 2);
  const until = found === -1 ? state.text.length : found + keep;
  state.code.push(blank(state.text.slice(state.at, until)));
  state.at = until;
}

function scanString(state: State, quote: string): void {
  const start = state.at;
  let at = start + 1;
  while (at < state.text.length && state.text[at] !== quote && state.text[at] !== '\n') {
    at += state.text[at] === '\\' ? 2 : 1;
  }
  const inside = state.text.slice(start + 1, at);
  state.literals.push({ text: inside, start });
  state.code.push(quote, blank(inside), state.text[at] ?? '');
  state.at = at + 1;
}

function scanTemplate(state: State): void {
  const literal = { text: '', start: state.at };
  state.literals.push(literal);
  state.code.push('`');
  state.at++;
  while (state.at < state.text.length && state.text[state.at] !== '`') {
    if (state.text.startsWith('${', state.at)) {
      state.code.push('${');
      state.at += 2;
      scanCode(state, true);
      state.code.push('}');
      state.at++;
      literal.text += '\0';
      continue;
    }
    const length = state.text[state.at] === '\\' ? 2 : 1;
    const piece = state.text.slice(state.at, state.at + length);
    literal.text += piece;
    state.code.push(blank(piece));
    state.at += length;
  }
  state.code.push('`');
  state.at++;
}

function scanRegularExpression(state: State): void {
  let at = state.at + 1;
  let inClass = false;
  while (at < state.text.length && state.text[at] !== '\n' && (inClass || state.text[at] !== '/')) {
    if (state.text[at] === '[') inClass = true;
    if (state.text[at] === ']') inClass = false;
    at += state.text[at] === '\\' ? 2 : 1;
  }
  state.code.push('/', blank(state.text.slice(state.at + 1, at)), state.text[at] ?? '');
  state.at = at + 1;
}
