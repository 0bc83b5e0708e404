import { compareVersions, validate } from 'compare-versions';

/**
 * A version as its numbers, four at most: `v1.5` is `1.5`, the build of `2.3.0-3571` is the fourth, and a dot too many is
 * forgiven. Null for what is none.
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
 * Below zero, zero, above zero: as one version is older than the other, the same, or newer. What one has no number for
 * counts as 0: `1.5` is `1.5.0`. Null where one of them is no version.
 */
export function compareVersionTexts(one: string | null, other: string | null): number | null {
  const [left, right] = [readVersion(one), readVersion(other)];
  return left === null || right === null ? null : compareVersions(left, right);
}

export function isNewer(one: string | null, other: string | null): boolean {
  return (compareVersionTexts(one, other) ?? 0) > 0;
}

/** Also true where nothing is asked for. */
export function isAtLeast(version: string | null, wanted: string | null): boolean {
  if (wanted === null) return true;
  const order = compareVersionTexts(version, wanted);
  return order === null ? version?.trim() === wanted.trim() : order >= 0;
}

/** `1.5` of `1.5.2`; null for what is no version. */
export function minorOf(version: string | null): string | null {
  const numbers = readVersion(version);
  if (numbers === null) return null;
  const [major = '0', minor = '0'] = numbers.split('.');
  return `${Number(major)}.${Number(minor)}`;
}
