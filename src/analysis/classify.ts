import { type ChangeKind, STATUS_BYTE } from '../results/state.ts';

const { pass, fail, xfail, flaky } = STATUS_BYTE;

/**
 * What it means that a test had one status before and has another now; null when it means nothing worth a line. A
 * flaky test, before or now, is never a regression or a fix; neither are skips, known failures that stay, and errors of
 * the infrastructure.
 */
export function classify(from: number, to: number): ChangeKind | null {
  if (to === flaky || (from === flaky && to === fail)) return 'flaky';
  if (from === pass && to === fail) return 'regression';
  if ((from === fail || from === xfail) && to === pass) return 'fix';
  return null;
}
