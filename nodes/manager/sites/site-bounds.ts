// What forms know of sites without the schemas, which browsers do not load.

/** The days of the week, as windows name them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const MAX_WINDOWS = 10;
export const MAX_FREEZES = 20;
/** The longest that a window may stay open, min. */
export const MAX_WINDOW_MINUTES = 7 * 24 * 60;
