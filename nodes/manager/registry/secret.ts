import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 192 bits, which are 32 characters. */
const PASSWORD_BYTES = 24;
const SALT_BYTES = 16;

/** The stored form of a password. */
export interface StoredSecret {
  /** sha256(salt || password) in lower-case hex, the form that EMQX 4 and 5 can check. */
  hash: string;
  salt: string;
}

/** Generates a password of characters that need no escaping in URLs and shells. The first is a letter or a digit. */
export function generatePassword(): string {
  for (;;) {
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    if (/^[^-_]/.test(password)) return password;
  }
}

/** Hashes a password with a new salt. */
export function hashPassword(password: string): StoredSecret {
  const salt = randomBytes(SALT_BYTES).toString('hex');
  return { salt, hash: hashWith(salt, password) };
}

/** True if the password is the one that was hashed. The time that it takes reveals nothing about the hash. */
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
