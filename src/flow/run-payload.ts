import { Type } from 'typebox';
import type { RunId } from '../base/ids.ts';

/** Work on one run; the key of its item is the run's id. */
export interface RunPayload {
  readonly run_id: RunId;
}

export const RUN_PAYLOAD = Type.Object({
  run_id: Type.Unsafe<RunId>(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
});
