// Apart from the rest, since pages take the list too, and nothing else of it.

/** What a timeline is made of. `edit`: what people changed of the gateway here. */
export const TIMELINE_KINDS = ['presence', 'command', 'installation', 'alarm', 'edit', 'job'] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];
