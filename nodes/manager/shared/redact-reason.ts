import type { Reason, ReasonValue } from './reason.js';
import { type Redaction, redact } from './redact.js';

/**
 * Copies a reason without secrets. Code and names of values stay, even where a secret is the same word. There is no cause if a value is
 * not in the text: then it has a secret that shows in the whole text alone, or is longer than what the text has of it.
 */
export function redactReason({ text, cause }: Reason, known?: Redaction): Reason {
  const shown = String(redact(text, known));
  if (cause === null) return { text: shown, cause };
  const values = Object.entries(cause.params).map(([name, value]) => [name, redacted(value, known)] as const);
  const areTold = values.every(([, value]) => shown.includes(textOf(value)));
  return { text: shown, cause: areTold ? { code: cause.code, params: Object.fromEntries(values) } : null };
}

function redacted(value: ReasonValue, known: Redaction | undefined): ReasonValue {
  return typeof value === 'object' ? redactReason(value, known) : (redact(value, known) as ReasonValue);
}

function textOf(value: ReasonValue): string {
  return typeof value === 'object' ? value.text : String(value);
}
