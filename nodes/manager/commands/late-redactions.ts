import type { Redaction } from '../shared/redact.js';

/** The known secrets of commands that have ended: an answer may come late, or twice. */
export interface LateRedactions {
  keep(requestId: string, redaction: Redaction): void;
  get(requestId: string): Redaction | undefined;
}

/** No answer comes later than this; if one does, secrets are recognized by name only. */
const KEPT_MS = 3_600_000;
const MAX_CHARACTERS = 2_000_000;

/** Keeps those with secrets that were sent for an hour, the newest where there are too many. */
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
