import type { VisitorObject } from 'oxc-parser';

/** A name where it is declared. */
export interface Declared {
  name: string;
  start: number;
}

/** As much of a pattern's node as is looked at: `{ a: b, c = 1, ...d }` binds b, c and d. */
interface Pattern {
  type: string;
  start: number;
  name?: unknown;
  left?: Pattern;
  argument?: Pattern;
  parameter?: Pattern;
  value?: Pattern;
  properties?: readonly Pattern[];
  elements?: readonly (Pattern | null)[];
}

/** Visits whatever declares a name. */
export function declarations(found: (declared: Declared) => void): VisitorObject {
  const bind = (pattern: unknown): void => {
    for (const declared of boundNames(pattern as Pattern)) found(declared);
  };
  const bindFunction = (node: { id?: unknown; params?: unknown }): void => {
    if (node.id) bind(node.id);
    for (const parameter of Array.isArray(node.params) ? node.params : []) bind(parameter);
  };
  return {
    VariableDeclarator: (node) => bind(node.id),
    FunctionDeclaration: bindFunction,
    FunctionExpression: bindFunction,
    ArrowFunctionExpression: bindFunction,
    TSFunctionType: bindFunction,
    TSMethodSignature: bindFunction,
    ClassDeclaration: (node) => bind(node.id),
    TSInterfaceDeclaration: (node) => bind(node.id),
    TSTypeAliasDeclaration: (node) => bind(node.id),
  };
}

function* boundNames(pattern: Pattern | null | undefined): Generator<Declared> {
  switch (pattern?.type) {
    case 'Identifier':
      yield { name: String(pattern.name), start: pattern.start };
      break;
    case 'AssignmentPattern':
      yield* boundNames(pattern.left);
      break;
    case 'RestElement':
      yield* boundNames(pattern.argument);
      break;
    case 'TSParameterProperty':
      yield* boundNames(pattern.parameter);
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties ?? []) yield* boundNames(property.value ?? property);
      break;
    case 'ArrayPattern':
      for (const element of pattern.elements ?? []) yield* boundNames(element);
      break;
  }
}
