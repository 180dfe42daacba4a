import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../protocol/api/common.ts';

const HEAD_END = '</head>';

/** Whether a person looks at it in a browser: programs do not ask for HTML by name. */
export function isForPeople(request: FastifyRequest): boolean {
  return request.method === 'GET' && /\btext\/html\b/i.test(request.headers.accept ?? '');
}

/** The dashboard's page with a problem in its head, which it shows below its navigation; null where it is not built. */
export function problemPage(directory: string | null, problem: Problem): string | null {
  const page = directory === null ? null : readPage(directory);
  if (page === null) return null;
  const meta = `<meta name="groundcrew-problem" content="${escaped(JSON.stringify(problem))}">`;
  return page.includes(HEAD_END) ? page.replace(HEAD_END, () => `${meta}${HEAD_END}`) : null;
}

/** Sends the problem as a page. False when it was not a person who asked, or there is no page. */
export function sendProblemPage(
  directory: string | null,
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  if (!isForPeople(request)) return false;
  const page = problemPage(directory, problem);
  if (page === null) return false;
  void reply.code(problem.status).header('vary', 'accept').type('text/html; charset=utf-8').send(page);
  return true;
}

/** Read each time: it names assets that another build replaces. */
function readPage(directory: string): string | null {
  try {
    return readFileSync(join(directory, 'index.html'), 'utf8');
  } catch {
    return null;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
