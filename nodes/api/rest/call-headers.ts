import { badField } from '../../manager/shared/invalid-input.js';
import { IDEMPOTENCY_KEY } from '../job-acts.js';
import type { RestCall } from './route.js';

/** The key of a call that is to be done once, or undefined. Throws INVALID_INPUT. */
export function keyIn({ headers }: Pick<RestCall, 'headers'>): string | undefined {
  const key = headers?.['idempotency-key'];
  const { minLength, maxLength } = IDEMPOTENCY_KEY;
  if (key === undefined || (key.length >= minLength && key.length <= maxLength)) return key;
  throw badField('Idempotency-Key', `a text of ${minLength} to ${maxLength} characters`);
}

/** The version that the caller has seen, with or without quotes as HTTP has them; undefined: any. Throws INVALID_INPUT. */
export function versionIn({ headers }: Pick<RestCall, 'headers'>): number | undefined {
  const given = headers?.['if-match'];
  if (given === undefined || given.trim() === '*') return undefined;
  const [, digits] = /^\s*(?:W\/)?"?(\d{1,9})"?\s*$/.exec(given) ?? [];
  if (digits !== undefined) return Number(digits);
  throw badField('If-Match', 'the version of the job that you have seen, such as "3"');
}
