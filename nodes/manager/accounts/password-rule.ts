import { TpeError } from '../shared/tpe-error.js';

const SHORTEST = 8;
export const MAX_PASSWORD_LENGTH = 1000;

/** Returns the password if it follows the rules, otherwise throws INVALID_INPUT. */
export function checkPassword(password: string): string {
  if (password.length >= SHORTEST && password.length <= MAX_PASSWORD_LENGTH) return password;
  throw new TpeError('INVALID_INPUT', `"password" has ${SHORTEST} to ${MAX_PASSWORD_LENGTH} characters.`, {
    field: 'password',
  });
}
