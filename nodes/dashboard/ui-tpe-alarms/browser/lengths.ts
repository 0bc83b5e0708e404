import { t } from './translate.js';

/** The units of lengths of time, in s, the largest first. */
export const UNITS = { d: 86_400, h: 3600, min: 60, s: 1 } as const;
export type Unit = keyof typeof UNITS;

/** The largest unit in which a length is a whole number. */
export function unitOf(seconds: number): Unit {
  if (seconds === 0) return 'min';
  return (Object.keys(UNITS) as Unit[]).find((unit) => seconds % UNITS[unit] === 0) ?? 's';
}

/** A length of time, given in s, in one unit: `10 min`, `2 days`. */
export function lengthOf(seconds: number): string {
  const unit = unitOf(seconds);
  return t('length', { n: seconds / UNITS[unit], unit });
}
