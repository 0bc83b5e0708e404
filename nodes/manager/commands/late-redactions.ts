import type { Redaction } from '../shared/redact.js';

/** Keeps the known secrets of commands that have ended, since an answer may come late or twice. */
export interface LateRedactions {
  keep(requestId: string, redaction: Redaction): void;
  get(requestId: string): Redaction | undefined;
}

/** How long secrets are kept, ms. In an answer that comes even later, secrets are only recognized by the names of fields. */
const KEPT_MS = 3_600_000;
const MAX_CHARACTERS = 2_000_000;

/**
 * Creates the store. It keeps the secrets of a command for an hour, and drops the oldest when all of them exceed 2 million characters.
 * `now` is the clock, ms since the epoch.
 */
export function createLateRedactions(now: () => number = Date.now): LateRedactions {
  const kept = new Map<string, { redaction: Redaction; size: number; until: number }>();
  let characters = 0;

  function forget(requestId: string): void {
    characters -= kept.get(requestId)?.size ?? 0;
    kept.delete(requestId);
  }

  function tidy(): void {
    for (const [requestId, { until }] of kept) {
      if (until > now() && characters <= MAX_CHARACTERS) return;
      forget(requestId);
    }
  }

  return {
    keep(requestId, redaction) {
      tidy();
      if (redaction.values.length === 0) return;
      forget(requestId);
      const size = redaction.values.reduce((sum, value) => sum + value.length, 0);
      kept.set(requestId, { redaction, size, until: now() + KEPT_MS });
      characters += size;
      tidy();
    },
    get: (requestId) => kept.get(requestId)?.redaction,
  };
}
