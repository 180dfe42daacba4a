import { type Static, type TObject, type TSchema, Type } from 'typebox';

/** A moment, ISO 8601 in UTC. */
export const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });
export const NullableTime = Type.Union([Time, Type.Null()]);
export const NullableText = Type.Union([Type.String(), Type.Null()]);
export const NullableNumber = Type.Union([Type.Number(), Type.Null()]);

/** What people read in lists and logs: without control characters, which would make lines of their own of it. */
export function oneLine(maximum_characters: number, minimum_characters = 0) {
  const pattern = '^[^\\p{C}\\p{Zl}\\p{Zp}]*$';
  return Type.String({ minLength: minimum_characters, maxLength: maximum_characters, pattern });
}

/** One of these words. */
export function oneOf<Words extends string[]>(words: readonly [...Words]) {
  return Type.Enum(words);
}

/** The statuses of `protocol/results.ts`. */
export const TEST_STATUS_WORDS = ['pass', 'fail', 'skip', 'xfail', 'error', 'flaky'] as const;

/** RFC 9457 problem details, with our stable code and what to do next. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'A stable code of the error catalogue, for example GC1002' }),
    next: Type.String({ description: 'What to do next' }),
  },
  { title: 'Problem' },
);
export type Problem = Static<typeof Problem>;

/** Paging by cursor: pass `next_cursor` of one page to get the one after it. */
export const PageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 1000, description: 'next_cursor of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
};

/** A page of items. */
export function pageOf<Item extends TSchema>(
  item: Item,
): TObject<{ items: ReturnType<typeof Type.Array<Item>>; next_cursor: typeof NullableText }> {
  return Type.Object({ items: Type.Array(item), next_cursor: NullableText });
}

/** The number of a row. */
export const IdNumber = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER - 1 });
export const NumberParameter = Type.Object({ id: IdNumber });

export const IdParameter = Type.Object({ id: Type.String({ maxLength: 40 }) });

/** Answer of a change that returns nothing else. */
export const Done = Type.Object({ done: Type.Literal(true) });
