import { type Static, Type } from 'typebox';
import { IdNumber, NullableNumber, NullableText, NullableTime } from './common.ts';

/** How full a lane of the queue is. */
export const LaneView = Type.Object({
  lane: Type.String(),
  waiting: Type.Integer(),
  running: Type.Integer(),
  dead: Type.Integer(),
  oldest_waiting_ms: NullableNumber,
});
export type LaneView = Static<typeof LaneView>;

export const DeadItemView = Type.Object(
  {
    id: IdNumber,
    lane: Type.String(),
    kind: Type.String(),
    key: Type.String({ description: 'What it is about; for results and logs the number of the run' }),
    failures: Type.Integer({ description: 'How often its handler failed' }),
    interruptions: Type.Integer({ description: 'How often its worker ended under it' }),
    error: NullableText,
    died_at: NullableTime,
  },
  { title: 'DeadItem', description: 'A work item that is not tried again by itself' },
);
export type DeadItemView = Static<typeof DeadItemView>;
