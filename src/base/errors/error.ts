import { CATALOGUE, type Code } from './catalogue.ts';

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;
type Entry<C extends Code> = (typeof CATALOGUE)[C];
export type ErrorParameters<C extends Code> = Record<
  Placeholder<Entry<C>['what']> | Placeholder<Entry<C>['next']>,
  string | number
>;

function fill(template: string, parameters: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

/** Every error that a person may see: a code of the catalogue, what was wrong and where, what to do next. */
export class GroundcrewError<C extends Code = Code> extends Error {
  override readonly name = 'GroundcrewError';
  readonly code: C;
  /** HTTP status when it ends a request. */
  readonly status: number;
  /** What to do next, a sentence. */
  readonly next: string;
  readonly parameters: Readonly<Record<string, string | number>>;

  constructor(code: C, parameters: ErrorParameters<C>, cause?: unknown) {
    const entry = CATALOGUE[code];
    super(fill(entry.what, parameters), cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = entry.status;
    this.next = fill(entry.next, parameters);
    this.parameters = parameters;
  }
}

/** Is it ours, of this code? */
export function isError<C extends Code>(error: unknown, code: C): error is GroundcrewError<C> {
  return error instanceof GroundcrewError && error.code === code;
}

/** The whole story on one line an error, outermost first: for logs and for `--verbose`. */
export function describeCauses(error: unknown): string {
  const lines: string[] = [];
  for (let current: unknown = error; current !== undefined && lines.length < 10; ) {
    lines.push(current instanceof Error ? `${current.name}: ${current.message}` : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join(' ← ');
}

/** A message for a person from whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
