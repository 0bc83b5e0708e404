import { hashToken, tokenMatches } from '../manager/accounts/api-token.js';

/** Makes the check of a secret, which keeps only its hash and takes the same time for every wrong one. */
export function secretCheck(secret: string): (token: string) => boolean {
  const hash = hashToken(secret);
  return (token) => tokenMatches(token, hash);
}
