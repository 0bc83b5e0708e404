import { compareVersions, validate } from 'compare-versions';

/**
 * Reads a version as up to four numbers: `v1.5` becomes `1.5`, the build of `2.3.0-3571` becomes the fourth number, and repeated dots count
 * as one. Null if the text is not a version.
 */
export function readVersion(text: string | null | undefined): string | null {
  if (typeof text !== 'string') return null;
  const numbers = text
    .trim()
    .replace(/^v\.?/i, '')
    .replace(/-/, '.')
    .replaceAll(/\.{2,}/g, '.');
  return /^\d{1,9}(\.\d{1,9}){0,3}$/.test(numbers) && validate(numbers) ? numbers : null;
}

/**
 * Returns a number below zero, zero or above zero if `one` is older than `other`, the same, or newer. A missing number counts as 0: `1.5`
 * is the same as `1.5.0`. Null if one of them is not a version.
 */
export function compareVersionTexts(one: string | null, other: string | null): number | null {
  const [left, right] = [readVersion(one), readVersion(other)];
  return left === null || right === null ? null : compareVersions(left, right);
}

/** Whether `one` is newer than `other`; false if one of them is not a version. */
export function isNewer(one: string | null, other: string | null): boolean {
  return (compareVersionTexts(one, other) ?? 0) > 0;
}

/** Whether a version is `wanted` or newer. True if nothing is wanted; a text that is not a version must be equal. */
export function isAtLeast(version: string | null, wanted: string | null): boolean {
  if (wanted === null) return true;
  const order = compareVersionTexts(version, wanted);
  return order === null ? version?.trim() === wanted.trim() : order >= 0;
}

/** Returns the major and minor number, such as `1.5` of `1.5.2`; null if the text is not a version. */
export function minorOf(version: string | null): string | null {
  const numbers = readVersion(version);
  if (numbers === null) return null;
  const [major = '0', minor = '0'] = numbers.split('.');
  return `${Number(major)}.${Number(minor)}`;
}
