import { type EcmaScriptModule, parseSync, Visitor } from 'oxc-parser';
import { type Declared, declarations } from './declared.ts';

/** A string or template literal: its text without quotes; what stands in `${…}` is left out. */
export interface Literal {
  text: string;
  /** Offset of the opening quote. */
  start: number;
  line: number;
}

export interface ImportLine {
  specifier: string;
  line: number;
  /** `import type`, `export type … from`: gone when it runs. */
  type_only: boolean;
  /** `export … from`. */
  is_export: boolean;
}

/** A name where it is used: `clock.setTimeout` and its `clock`, or `new Date`. */
export interface Use {
  name: string;
  line: number;
}

export interface Call {
  /** What is called, as far as it is names: `test.skipIf`; `.insertInto` where what is before the dot is no name. */
  name: string;
  /** Its first argument, when that is a literal. */
  first: Literal | null;
  line: number;
}

/** What the rules want to know of a file. One that cannot be parsed has nothing in it: the compiler says why. */
export interface Source {
  literals: Literal[];
  imports: ImportLine[];
  uses: Use[];
  calls: Call[];
  /** Names of variables, functions, types and parameters, where they are declared. */
  declared: (Declared & { line: number })[];
}

/** Takes a TypeScript or JavaScript text apart. */
export function parseSource(text: string, file = 'source.tsx'): Source {
  const { program, module } = parseSync(file, text);
  const lineAt = lineFinder(text);
  const literals = new Map<number, Literal>();
  const uses: Use[] = [];
  const calls: { name: string; argument: number | undefined; line: number }[] = [];
  const declared: Declared[] = [];
  const properties = new Set<object>();
  const use = (name: string, start: number): void => void uses.push({ name, line: lineAt(start) });
  new Visitor({
    Literal(node) {
      if (typeof node.value !== 'string') return;
      literals.set(node.start, literalAt(text.slice(node.start + 1, node.end - 1), node.start, lineAt));
    },
    TemplateLiteral(node) {
      const words = node.quasis.map((quasi) => quasi.value.raw).join('\0');
      literals.set(node.start, literalAt(words, node.start, lineAt));
    },
    MemberExpression(node) {
      if (node.computed) return;
      properties.add(node.property);
      use(nameOf(node), node.property.start);
    },
    NewExpression(node) {
      use(`new ${nameOf(node.callee)}`, node.start);
    },
    CallExpression(node) {
      const { callee } = node;
      const at = callee.type === 'MemberExpression' ? callee.property.start : callee.start;
      calls.push({ name: nameOf(callee), argument: node.arguments[0]?.start, line: lineAt(at) });
    },
    Identifier(node) {
      if (!properties.has(node)) use(node.name, node.start);
    },
    ...declarations((name) => declared.push(name)),
  }).visit(program);
  return {
    literals: [...literals.values()].sort((left, right) => left.start - right.start),
    imports: [...readImports(text, module, lineAt)].sort((left, right) => left.line - right.line),
    uses,
    calls: calls.map(({ name, argument, line }) => ({ name, first: literals.get(argument ?? -1) ?? null, line })),
    declared: declared.map((one) => ({ ...one, line: lineAt(one.start) })),
  };
}

function literalAt(text: string, start: number, lineAt: (offset: number) => number): Literal {
  return { text, start, line: lineAt(start) };
}

interface Named {
  type: string;
  name?: unknown;
  computed?: boolean;
  object?: Named;
  property?: Named;
}

/** `a.b.c`; what is no name is left empty, so that `f().b` is `.b`. */
function nameOf(node: Named): string {
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression' || node.computed || !node.object || !node.property) return '';
  return `${nameOf(node.object)}.${nameOf(node.property)}`;
}

function* readImports(
  text: string,
  module: EcmaScriptModule,
  lineAt: (offset: number) => number,
): Generator<ImportLine> {
  for (const { moduleRequest, entries } of module.staticImports) {
    const type_only = entries.length > 0 && entries.every((entry) => entry.isType);
    yield { specifier: moduleRequest.value, line: lineAt(moduleRequest.start), type_only, is_export: false };
  }
  for (const { entries } of module.staticExports) {
    const [first] = entries;
    if (!first?.moduleRequest) continue;
    const type_only = entries.every((entry) => entry.isType);
    const { value: specifier, start } = first.moduleRequest;
    yield { specifier, line: lineAt(start), type_only, is_export: true };
  }
  for (const {
    moduleRequest: { start, end },
  } of module.dynamicImports) {
    const words = /^(['"])([^'"]*)\1$/.exec(text.slice(start, end));
    if (words) yield { specifier: words[2] as string, line: lineAt(start), type_only: false, is_export: false };
  }
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
