import { serverWords } from './words.ts';

/** The units of lengths of time, in s. */
export const LENGTHS = { s: 1, min: 60, h: 3600, d: 86_400 } as const;
export type LengthUnit = keyof typeof LENGTHS;

const LARGEST_FIRST: readonly LengthUnit[] = ['d', 'h', 'min', 's'];

/** The largest unit in which a length is a whole number. */
export function unitOf(seconds: number): LengthUnit {
  if (seconds === 0) return 'min';
  return LARGEST_FIRST.find((unit) => seconds % LENGTHS[unit] === 0) ?? 's';
}

/** A length of time, given in s, in one unit: `10 min`. */
export function lengthWords(seconds: number): string {
  const unit = unitOf(seconds);
  return serverWords(`rules.length.${unit}`, { number: seconds / LENGTHS[unit] });
}
