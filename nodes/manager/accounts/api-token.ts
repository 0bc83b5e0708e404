import { createHash, hash as hashOnce, randomBytes, timingSafeEqual } from 'node:crypto';

/** Generates a token for scripts: 192 random bits, with a prefix by which people and secret scanners recognize it. */
export function generateToken(): string {
  return `tpedm_${randomBytes(24).toString('base64url')}`;
}

/** Whether a token has the form of those generated here. Others need not be looked up. */
export function isPersonalToken(token: string): boolean {
  return /^tpedm_[\w-]{32}$/.test(token);
}

/** SHA-256 of a token, in hex. It needs neither salt nor a slow hash, because nobody can guess 192 bits. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether a token has this hash, compared in constant time. */
export function tokenMatches(token: string, hash: string): boolean {
  return tokenCheck(hash)(token);
}

/** Makes the check whether a token has this hash, in constant time. Each webhook has a token, so the check has nothing to prepare. */
export function tokenCheck(hash: string): (token: string) => boolean {
  const expected = Buffer.from(hash, 'hex');
  return (token) => timingSafeEqual(hashOnce('sha256', token, 'buffer'), expected);
}

/**
 * Whether the header `Authorization: Bearer TOKEN` can carry a token: one with a space or a character beyond ASCII does not arrive whole.
 */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}
