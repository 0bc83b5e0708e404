import { sayReason } from '../../../api/words/say-reason.js';
import type { Cause, Reason } from '../../../manager/shared/reason.js';
import { language } from './language.js';

/** Translates a reason, given as text and cause, into the current language. An empty text for null. */
export function translateReason(text: string | null, cause: Cause | null): string {
  return translated(text === null ? null : { text, cause });
}

/** The same for a reason in one piece. */
export function translated(reason: Reason | null): string {
  return reason === null ? '' : sayReason(language.value, reason);
}
