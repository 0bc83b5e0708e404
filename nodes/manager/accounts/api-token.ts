import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new token for scripts: 192 random bits, marked so that people and scanners know it when they see it. */
export function generateToken(): string {
  return `tpedm_${randomBytes(24).toString('base64url')}`;
}

/** Whether it has the form of one that was made here; anything else is not even looked for. */
export function isPersonalToken(token: string): boolean {
  return /^tpedm_[\w-]{32}$/.test(token);
}

/** SHA-256, hex. No salt and no slow hash: nobody guesses 192 bits. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Takes the same time wherever they differ. */
export function tokenMatches(token: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashToken(token), 'hex'), Buffer.from(hash, 'hex'));
}

/** Whether `Authorization: Bearer TOKEN` can carry it: what has a space in it, or is not ASCII, does not arrive whole. */
export function isSendable(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}
