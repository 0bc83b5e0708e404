import { TpeError } from '../shared/tpe-error.js';

const SHORTEST = 8;
export const LONGEST_PASSWORD = 1000;

/** The password, when it may be one. INVALID_INPUT. */
export function checkPassword(password: string): string {
  if (password.length >= SHORTEST && password.length <= LONGEST_PASSWORD) return password;
  throw new TpeError('INVALID_INPUT', `"password" has ${SHORTEST} to ${LONGEST_PASSWORD} characters.`, {
    field: 'password',
  });
}
