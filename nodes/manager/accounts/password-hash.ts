import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

// Each guess costs 32 MiB and about 0.1 s. Each hash contains these numbers, so that they can be raised later.
const COST = { N: 2 ** 15, r: 8, p: 1 };
const KEY_BYTES = 32;
const FORM = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{22})\$([\w-]{43})$/;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Generates a password for people: 99 random bits, without characters that are easily confused. */
export function generatePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const random = Array.from({ length: 20 }, () => letters[randomIndex(letters.length)]);
  return (random.join('').match(/.{5}/g) ?? []).join('-');
}

/** Hashes a password as `scrypt$N$r$p$salt$key`. Runs outside the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return written(salt, await derive(normal(password), salt, KEY_BYTES, limits(COST)));
}

/** The same, but blocks the event loop for 0.1 s. For the start only. */
export function hashPasswordSync(password: string): string {
  const salt = randomBytes(16);
  return written(salt, scryptSync(normal(password), salt, KEY_BYTES, limits(COST)));
}

function written(salt: Buffer, key: Buffer): string {
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Whether `hash` was made from this password; false for a hash of another form. Runs outside the event loop. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parts = partsOf(hash);
  if (!parts) return false;
  return timingSafeEqual(
    await derive(normal(password), parts.salt, KEY_BYTES, limits(parts.cost)),
    parts.key,
  );
}

/** The same, but blocks the event loop. For the start only. */
export function verifyPasswordSync(password: string, hash: string): boolean {
  const parts = partsOf(hash);
  if (!parts) return false;
  return timingSafeEqual(scryptSync(normal(password), parts.salt, KEY_BYTES, limits(parts.cost)), parts.key);
}

function partsOf(hash: string) {
  const [, N, r, p, salt, key] = FORM.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return null;
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
}

/** Keyboards write the same letter in different ways, which NFKC makes equal. */
function normal(password: string): string {
  return password.normalize('NFKC');
}

function limits(cost: { N: number; r: number; p: number }) {
  return { ...cost, maxmem: 256 * cost.N * cost.r };
}

/** A random index below `count`. The remainder of a random byte would not be evenly distributed. */
function randomIndex(count: number): number {
  const byte = randomBytes(1)[0] ?? 0;
  return byte < 256 - (256 % count) ? byte % count : randomIndex(count);
}
