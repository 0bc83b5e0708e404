import { at, below, type Check, fail, fits, type Place, type Rule, undecided } from './check.js';
import { textOf } from './same-json.js';
import { rulesOfSize } from './sizes.js';

/** The keywords for lists. */
export const LIST_RULES: readonly [string, Rule][] = [
  ...rulesOfSize('Items', 'items', itemsOf),
  ['items', checkItems],
  ['uniqueItems', checkUnique],
  ['contains', checkContains],
];

function itemsOf(_check: Check, value: unknown): number | null {
  return Array.isArray(value) ? value.length : null;
}

function checkItems(check: Check, place: Place, items: unknown): boolean {
  const { value, schema } = place;
  if (!Array.isArray(value)) return true;
  if (!Array.isArray(items)) return eachFits(check, below(place, items, 'items'), value, 0);
  const first = items.slice(0, value.length).map((one, index) => {
    const inner = below(place, one, `items/${index}`);
    return fits(check, at(inner, value[index], index));
  });
  if (schema.additionalItems === false && value.length > items.length) {
    const { length: limit } = items;
    return fail(check, place, 'additionalItems', { limit }, `must NOT have more than ${limit} items`);
  }
  const rest = below(place, schema.additionalItems, 'additionalItems');
  return eachFits(check, rest, value, items.length) && !first.includes(false);
}

function eachFits(check: Check, inner: Place | null, values: readonly unknown[], from: number): boolean {
  let valid = true;
  if (inner === null) return valid;
  for (let index = from; index < values.length; index += 1) {
    if (!fits(check, at(inner, values[index], index))) valid = false;
  }
  return valid;
}

/** Compares entries by their texts in a map, since comparing each with each would be slow for long lists. */
function checkUnique(check: Check, place: Place, isWanted: unknown): boolean {
  const { value } = place;
  if (isWanted !== true || !Array.isArray(value)) return true;
  const seen = new Map<string, number>();
  for (const [index, element] of value.entries()) {
    const text = textOf(check, element);
    const j = seen.get(text);
    if (j !== undefined) {
      const words = `must NOT have duplicate items (items ## ${j} and ${index} are identical)`;
      return fail(check, place, 'uniqueItems', { i: index, j }, words);
    }
    seen.set(text, index);
  }
  return true;
}

function checkContains(check: Check, place: Place, schema: unknown): boolean {
  const { value } = place;
  const inner = below(place, schema, 'contains');
  if (!Array.isArray(value) || inner === null) return true;
  const before = check.errors.length;
  if (undecided(check, () => value.some((element, index) => fits(check, at(inner, element, index))))) {
    check.errors.length = before;
    return true;
  }
  return fail(check, place, 'contains', { minContains: 1 }, 'must contain at least 1 valid item(s)');
}
