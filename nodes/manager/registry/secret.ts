import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 192 bits, 32 characters. */
const PASSWORD_BYTES = 24;
const SALT_BYTES = 16;

/** The stored form of a password. */
export interface StoredSecret {
  /** Lower-case hex of sha256(salt || password): the form that EMQX 4 and 5 verify. */
  hash: string;
  salt: string;
}

/** A new password of characters that URLs and shells leave alone; the first is a letter or a digit. */
export function generatePassword(): string {
  for (;;) {
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    if (/^[^-_]/.test(password)) return password;
  }
}

/** The hash of a password with a new salt. */
export function hashPassword(password: string): StoredSecret {
  const salt = randomBytes(SALT_BYTES).toString('hex');
  return { salt, hash: hashWith(salt, password) };
}

/** Whether the password is the one that was hashed, in a time that tells nothing of the hash. */
export function isPassword(password: string, { hash, salt }: StoredSecret): boolean {
  const expected = Buffer.from(hash);
  const actual = Buffer.from(hashWith(salt, password));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function hashWith(salt: string, password: string): string {
  return createHash('sha256')
    .update(salt + password, 'utf8')
    .digest('hex');
}
