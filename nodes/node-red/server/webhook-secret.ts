import { hashToken, isSendable, tokenMatches } from '../../manager/accounts/api-token.js';
import { TpeError } from '../../manager/shared/tpe-error.js';

/**
 * Makes the check of a secret, which keeps only its hash and takes the same time for every wrong one. INVALID_INPUT for a
 * secret that nobody could ever send.
 */
export function secretCheck(secret: string, what = 'The webhook secret'): (token: string) => boolean {
  if (!isSendable(secret)) {
    throw new TpeError(
      'INVALID_INPUT',
      `${what} cannot be sent in a header: give letters, digits and ASCII signs, and no spaces.`,
    );
  }
  const hash = hashToken(secret);
  return (token) => tokenMatches(token, hash);
}
