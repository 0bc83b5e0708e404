/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

const SECRET_NAME =
  /pass(word|wd|phrase|code)?$|secret|private_?key$|api_?key$|access_?key$|^pin$|pin_?code$|psk$|token$|connection_?string|credential/i;
const MAX_DEPTH = 64;

/** True where the name of a field says that its value is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * A copy of a JSON value that may be stored and shown: the text of every field whose name says that it is a secret
 * is replaced, and what PostgreSQL's jsonb cannot hold (NUL, half a surrogate pair, endless depth) is made harmless.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storable(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return `[deeper than ${MAX_DEPTH} levels]`;
  if (Array.isArray(value)) return value.map((element) => redact(element, depth + 1));
  const copy: [string, unknown][] = [];
  for (const [name, field] of Object.entries(value)) {
    const hidden = isSecretName(name) && typeof field === 'string' && field !== '';
    copy.push([storable(name), hidden ? REDACTED : redact(field, depth + 1)]);
  }
  return Object.fromEntries(copy);
}

function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}
