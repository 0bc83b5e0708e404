import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';

const SHORTEST = 8;
export const MAX_PASSWORD_LENGTH = 1000;

/** Returns the password if it follows the rules, otherwise throws INVALID_INPUT. */
export function checkPassword(password: string): string {
  if (password.length >= SHORTEST && password.length <= MAX_PASSWORD_LENGTH) return password;
  const reason = accountReason('user-password-length', { least: SHORTEST, most: MAX_PASSWORD_LENGTH });
  throw new TpeError('INVALID_INPUT', reason, { field: 'password' });
}
