import { hashToken, isSendable, tokenCheck } from '../../manager/accounts/api-token.js';
import { TpeError } from '../../manager/shared/tpe-error.js';

/**
 * Creates the check for a secret. It keeps only the hash, and takes the same time for every wrong token. `what` names the secret in errors.
 * Throws INVALID_INPUT for a secret that cannot be sent in a header.
 */
export function secretCheck(secret: string, what = 'The webhook secret'): (token: string) => boolean {
  if (!isSendable(secret)) {
    throw new TpeError(
      'INVALID_INPUT',
      `${what} cannot be sent in a header: give letters, digits and ASCII signs, and no spaces.`,
    );
  }
  return tokenCheck(hashToken(secret));
}
