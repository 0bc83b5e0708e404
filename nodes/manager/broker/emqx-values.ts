/** A moment as EMQX writes it: ms since the epoch, seconds before EMQX 4.2. */
export const TIME_SCHEMA = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

/** ms since the epoch. */
export function toMs(time: number): number {
  return time < 1e11 ? time * 1000 : time;
}

/** What EMQX says, or null where it has nothing to say: Erlang's word for that reaches us as text. */
export function known<Value>(value: Value): NonNullable<Value> | null {
  return value === undefined || value === null || value === 'undefined' ? null : value;
}
