import type { Project } from './project.ts';

/** One thing to put right. Printed as `file:line rule: what → instead`. */
export interface Finding {
  file: string;
  /** Counted from 1; 1 when the whole file is meant. */
  line: number;
  what: string;
  /** What to write instead. */
  instead: string;
}

/** One thing that tidy looks for; each in its own file. */
export interface Rule {
  name: string;
  check(project: Project): Iterable<Finding>;
}

/** The line that a person or an editor reads. */
export function formatFinding(rule: string, finding: Finding): string {
  return `${finding.file}:${finding.line} ${rule}: ${finding.what} → ${finding.instead}`;
}
