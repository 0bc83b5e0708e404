export const PRESENCE_STATUSES = ['online', 'offline', 'never_seen'] as const;
/** The presence of a gateway: `never_seen` until its first connect. */
export type PresenceStatus = (typeof PRESENCE_STATUSES)[number];

/** tpe_presence.attention of each status: the order in which a list has those that need a person first. */
export const ATTENTION: Record<PresenceStatus, number> = { offline: 0, never_seen: 1, online: 2 };

/** SQL: a row of tpe_presence has the status, found by the index that there is for it. */
export function hasStatus(status: PresenceStatus): string {
  return `attention = ${ATTENTION[status]}`;
}

/** The status that a value of tpe_presence.attention stands for. */
export function statusOf(attention: number): PresenceStatus {
  return PRESENCE_STATUSES.find((status) => ATTENTION[status] === attention)!;
}
