/** A request waits until it is fulfilled, refused with a reason, or cancelled. */
export const REQUEST_STATES = ['waiting', 'fulfilled', 'refused', 'cancelled'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export const REQUEST_TRANSITIONS: Readonly<Record<RequestState, readonly RequestState[]>> = {
  waiting: ['fulfilled', 'refused', 'cancelled'],
  fulfilled: [],
  refused: [],
  cancelled: [],
};

/** In which a request may begin. */
export const REQUEST_FIRST_STATES: readonly RequestState[] = ['waiting'];
