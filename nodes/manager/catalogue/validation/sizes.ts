import { type Check, fail, type Rule } from './check.js';

/** A size of a value; null where it has none of that kind. */
export type SizeOf = (check: Check, value: unknown) => number | null;

/** The rules for the least and the most of a size, `minLength` and `maxLength` of `Length`. */
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
