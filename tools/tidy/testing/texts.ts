import { type Finding, formatFinding, type Rule } from '../finding.ts';
import { createProject, type Project } from '../project.ts';

/** A project made of texts. */
export function projectOf(texts: Record<string, string>): Project {
  return createProject(Object.keys(texts), (file) => texts[file] ?? '');
}

/** What a rule finds in it, as the lines that are printed, without the rule's name and the advice. */
export function findings(rule: Rule, texts: Record<string, string>): string[] {
  return [...rule.check(projectOf(texts))].map(short);
}

function short(finding: Finding): string {
  const [where] = formatFinding('', finding).split(' ');
  return `${where} ${finding.what}`;
}
