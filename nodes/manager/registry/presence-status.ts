export const PRESENCE_STATUSES = ['online', 'offline', 'never_seen'] as const;
/** `never_seen` until the first connect. */
export type PresenceStatus = (typeof PRESENCE_STATUSES)[number];
