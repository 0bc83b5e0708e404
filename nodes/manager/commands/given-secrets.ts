import type { Redaction } from '../shared/redact.js';
import { REDACTED } from '../shared/secret-text.js';
import { createSentSecrets } from '../shared/sent-secrets.js';

/** Shorter secrets are hidden only where a field or a part of the path has nothing else: in a text they mean many things. */
const SHORTEST_IN_TEXT = 4;
const BETWEEN_PARTS = /([/?&;=])/;

/** Adds texts that nobody may see to what is known of the secrets of a request, so that they are hidden in its answer too. */
export function withSecrets(known: Redaction, secrets: readonly string[]): Redaction {
  if (secrets.length === 0) return known;
  return { ...known, values: [...new Set([...known.values, ...searched(secrets)])] };
}

/** Copies a body, with each text that is one of the secrets replaced. */
export function hideWhole(value: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0) return value;
  if (typeof value === 'string') return secrets.includes(value) ? REDACTED : value;
  if (Array.isArray(value)) return value.map((one) => hideWhole(one, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hideWhole(one, secrets)]));
}

/** Replaces the secrets in a path, percent-encoded or not. */
export function hideIn(path: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return path;
  const written = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const parts = path.split(BETWEEN_PARTS).map((part) => (written.includes(part) ? REDACTED : part));
  return createSentSecrets(searched(written)).hide(parts.join(''));
}

function searched(secrets: readonly string[]): string[] {
  return secrets.filter(({ length }) => length >= SHORTEST_IN_TEXT);
}
