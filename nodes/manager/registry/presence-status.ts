export const PRESENCE_STATUSES = ['online', 'offline', 'never_seen'] as const;
/** The presence of a gateway: `never_seen` until its first connect. */
export type PresenceStatus = (typeof PRESENCE_STATUSES)[number];
