import { GroundcrewError } from '../../base/errors/error.ts';
import type { SubmissionId } from '../../base/ids.ts';
import { randomName } from '../../base/random.ts';
import { cancelSubmission } from '../../flow/finish/cancel.ts';
import { submit } from '../../flow/submit/submit.ts';
import { NumberParameter } from '../../protocol/api/common.ts';
import { CancelBody, CancelledView, CheckoutView, SubmissionBody, SubmissionView } from '../../protocol/api/runs.ts';
import { parseJobFile } from '../../runs/jobfile/parse.ts';
import { listRuns } from '../../runs/store/list.ts';
import { firstRunsOfSubmission } from '../../runs/store/submission.ts';
import { CHECKOUT_LARGEST_BYTES, checkoutBody } from '../agents/checkout-body.ts';
import { callerOf } from '../app/auth.ts';
import type { Api, ApiContext } from '../app/context.ts';
import { streamedBody, streamedRoutes } from '../app/streamed-body.ts';
import { runViews } from './run-views.ts';

const CHECKOUT_KEY = /^checkouts\/[0-9a-z]{20}\.tar\.gz$/;
const tags = ['runs'];

/** Handing sources in: they are too large for memory. */
export async function checkoutRoutes(app: Api, context: ApiContext): Promise<void> {
  await streamedRoutes(app, (scope) => defineUpload(scope, context));
}

function defineUpload(app: Api, context: ApiContext): void {
  const { services } = context;
  app.post(
    '/api/v1/checkouts',
    {
      bodyLimit: CHECKOUT_LARGEST_BYTES,
      config: { role: 'submitter' },
      schema: {
        operationId: 'uploadCheckout',
        summary: 'Upload sources as tar.gz, to be named in a submission',
        tags,
        consumes: ['application/gzip'],
        response: { 201: CheckoutView },
      },
    },
    async (request, reply) => {
      const key = `checkouts/${randomName(services.random, 20)}.tar.gz`;
      const body = streamedBody(request.raw, reply.raw);
      const { size_bytes, sha256 } = await services.blobs.put(key, checkoutBody(body)).finally(() => body.destroy());
      return reply.code(201).send({ checkout: key, size: size_bytes, sha256: sha256.toString('hex') });
    },
  );
}

/** Handing work in. */
export function submissionRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  app.post(
    '/api/v1/submissions',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'submit',
        summary: 'Submit a job file; with a header Idempotency-Key the same submission is made once',
        tags,
        body: SubmissionBody,
        response: { 201: SubmissionView },
      },
    },
    async (request, reply) => {
      const { job_file, file = 'job.yaml', variables = {}, checkout } = request.body;
      if (checkout !== undefined && (!CHECKOUT_KEY.test(checkout) || (await services.blobs.head(checkout)) === null)) {
        throw new GroundcrewError('GC1002', { kind: 'checkout', id: checkout });
      }
      const plan = parseJobFile(job_file, file, variables);
      const submission = await submit(services, plan, {
        submitted_by: callerOf(request).name,
        idempotency_key: idempotencyKey(request.headers['idempotency-key']),
        checkout_blob: checkout ?? null,
      });
      const { submission_id, build_id, runs: run_ids } = submission;
      const rows = await listRuns(services.connection.db, { run_ids }, { before: null, limit: run_ids.length });
      const runs = (await runViews(services, rows)).reverse();
      // Of a submission that was sent again, some may have run before the configuration changed.
      const unserved = new Set(runs.filter((run) => run.started_at === null).map((run) => run.id));
      const impossible = submission.impossible.filter(({ run_id }) => unserved.has(run_id));
      const { project, build } = plan;
      return reply.code(201).send({ id: submission_id, project, build, build_id, runs, impossible });
    },
  );

  app.post(
    '/api/v1/submissions/:id/cancel',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'cancelSubmission',
        summary: 'Cancel every unfinished run of a submission',
        tags,
        params: NumberParameter,
        body: CancelBody,
        response: { 200: CancelledView },
      },
    },
    async (request) => {
      const actor = callerOf(request).name;
      const id = request.params.id as SubmissionId;
      if ((await firstRunsOfSubmission(services.connection.db, id)).length === 0) {
        throw new GroundcrewError('GC1002', { kind: 'submission', id });
      }
      // One whose runs have all ended has nothing left to cancel: that is fine.
      const reason = request.body.reason ?? `cancelled by ${actor}`;
      return { done: true as const, cancelled: await cancelSubmission(services, id, actor, reason) };
    },
  );
}

function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header !== 'string' || header.length > 200) {
    throw new GroundcrewError('GC1005', { detail: 'the Idempotency-Key is to be one text of at most 200 characters' });
  }
  return header;
}
