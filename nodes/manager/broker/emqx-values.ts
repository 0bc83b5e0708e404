/** A time as EMQX writes it: ms since the epoch, or seconds before EMQX 4.2. */
export const TIME_SCHEMA = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

/** Converts a time of EMQX, in seconds or ms, to ms since the epoch. */
export function toMs(time: number): number {
  return time < 1e11 ? time * 1000 : time;
}

/** Returns a value of EMQX, or null if it has none: Erlang's `undefined` arrives as a text. */
export function known<Value>(value: Value): NonNullable<Value> | null {
  return value === undefined || value === null || value === 'undefined' ? null : value;
}
