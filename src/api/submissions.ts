import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { Type } from 'typebox';
import { GroundcrewError } from '../base/errors/error.ts';
import type { SubmissionId } from '../base/ids.ts';
import { randomName } from '../base/random.ts';
import { cancelSubmission } from '../flow/cancel.ts';
import { submit } from '../flow/submit.ts';
import { Done } from '../protocol/api/common.ts';
import { CancelBody, CheckoutView, SubmissionBody, SubmissionView } from '../protocol/api/runs.ts';
import { parseJobFile } from '../runs/jobfile/parse.ts';
import { listRuns } from '../runs/store/list.ts';
import { unfinishedRunsOfSubmission } from '../runs/store/submission.ts';
import type { Api, ApiContext } from './app.ts';
import { callerOf } from './auth.ts';
import { runViews } from './run-views.ts';

const CHECKOUT_LIMIT_BYTES = 2 * 2 ** 30;
const CHECKOUT_KEY = /^checkouts\/[0-9a-z]{20}\.tar\.gz$/;
const tags = ['runs'];

/** Handing work in. */
export function submissionRoutes(app: Api, context: ApiContext): void {
  const { services } = context;
  app.post(
    '/api/v1/checkouts',
    {
      bodyLimit: CHECKOUT_LIMIT_BYTES,
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
      const hash = createHash('sha256');
      let size = 0;
      const bounded = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          size += chunk.length;
          hash.update(chunk);
          if (size > CHECKOUT_LIMIT_BYTES)
            done(new GroundcrewError('GC1005', { detail: 'the archive is larger than 2 GiB' }));
          else done(null, chunk);
        },
      });
      request.raw.on('error', (error) => bounded.destroy(error));
      await services.blobs.put(key, request.raw.pipe(bounded));
      return reply.code(201).send({ checkout: key, size, sha256: hash.digest('hex') });
    },
  );

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
      const rows = await listRuns(services.connection.db, { run_ids: submission.runs }, { before: null, limit: 1000 });
      const runs = (await runViews(services, rows)).reverse();
      const build_id = runs[0]?.build_id ?? 0;
      return reply
        .code(201)
        .send({ id: submission.submission_id, project: plan.project, build: plan.build, build_id, runs });
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
        params: Type.Object({ id: Type.Integer() }),
        body: CancelBody,
        response: { 200: Done },
      },
    },
    async (request) => {
      const actor = callerOf(request).name;
      const runs = await unfinishedRunsOfSubmission(services.connection.db, request.params.id as SubmissionId);
      if (runs.length === 0) throw new GroundcrewError('GC1002', { kind: 'submission', id: request.params.id });
      const reason = request.body.reason ?? `cancelled by ${actor}`;
      await cancelSubmission(services, request.params.id as SubmissionId, actor, reason);
      return { done: true as const };
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
