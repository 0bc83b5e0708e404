import { type Check, fail, type Rule } from './check.js';

/** Measures a value; null where the value has no such size. */
export type SizeOf = (check: Check, value: unknown) => number | null;

/** Makes the two rules for a size: `minLength` and `maxLength` for the name `Length`. `noun` is the plural used in messages. */
export function rulesOfSize(name: string, noun: string, sizeOf: SizeOf): [string, Rule][] {
  const rule = (keyword: string, isLeast: boolean): [string, Rule] => [
    keyword,
    (check, place, limit) => {
      const size = sizeOf(check, place.value);
      if (size === null || typeof limit !== 'number' || (isLeast ? size >= limit : size <= limit))
        return true;
      const words = `must NOT have ${isLeast ? 'fewer' : 'more'} than ${limit} ${noun}`;
      return fail(check, place, keyword, { limit }, words);
    },
  ];
  return [rule(`min${name}`, true), rule(`max${name}`, false)];
}
