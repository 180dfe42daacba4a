/** Identifiers of different nouns are different types, so that a node's is never passed for a run's. */
declare const brand: unique symbol;
type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

/** `n-` and eight characters. */
export type NodeId = Branded<string, 'node'>;
/** A number, shown as `r-2041`. */
export type RequestId = Branded<number, 'request'>;
/** A number. */
export type AssignmentId = Branded<number, 'assignment'>;
/** A number, shown as it is. */
export type RunId = Branded<number, 'run'>;
export type JobId = Branded<number, 'job'>;
export type SubmissionId = Branded<number, 'submission'>;
export type ProjectId = Branded<number, 'project'>;
export type BuildId = Branded<number, 'build'>;
export type EnvironmentId = Branded<number, 'environment'>;
export type HoldId = Branded<number, 'hold'>;
export type WorkItemId = Branded<number, 'work item'>;

const NODE = /^n-[0-9a-z]{8}$/;

/** Null when the text is not a node's identifier. */
export function parseNodeId(text: string): NodeId | null {
  return NODE.test(text) ? (text as NodeId) : null;
}

/** Accepts `r-2041` and `2041`; null when it is neither. */
export function parseRequestId(text: string): RequestId | null {
  return parseNumber(text.startsWith('r-') ? text.slice(2) : text) as RequestId | null;
}

export function formatRequestId(id: RequestId): string {
  return `r-${id}`;
}

/** Null when the text is not a run's number. */
export function parseRunId(text: string): RunId | null {
  return parseNumber(text) as RunId | null;
}

function parseNumber(text: string): number | null {
  if (!/^[1-9][0-9]{0,15}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
