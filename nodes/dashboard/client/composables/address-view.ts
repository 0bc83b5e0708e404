/** The query of an address: the values of each name, in order. */
export type AddressQuery = Readonly<Record<string, readonly string[]>>;

/** How one part of a page's view stands in the address of the page. Made by the functions of this file; `key` is its name in the view. */
export interface AddressPart<Value> {
  /** The names that it has in an address. */
  names(key: string): readonly string[];
  /** What an address says; the value that is not written where it says nothing, or nothing of meaning. Never throws. */
  read(query: AddressQuery, key: string): Value;
  /** Nothing for the value that stands where an address says nothing, so that addresses are short. */
  write(value: Value, key: string): AddressQuery;
  /** Whether a change is a step that the browser's way back takes back. Typing is none. */
  isStep(before: Value, after: Value): boolean;
}

/** The parts of a view, each by its key. */
export type AddressParts<View> = { readonly [Key in keyof View]: AddressPart<View[Key]> };

const LONGEST_TEXT = 200;
const MOST_TEXTS = 200;

/** Whether a change is a step on the way back. */
interface Steps {
  isStep?: boolean;
}

/** A text of at most 200 characters. What people type, such as a search, is no step. */
export function text(initial = '', { isStep = true }: Steps = {}): AddressPart<string> {
  return one(initial, (given) => (given.length <= LONGEST_TEXT ? given : undefined), String, isStep);
}

/** A text, or null where there is none: for the chosen row, or where a blank text means something. */
export function textOrNull({ isStep = true }: Steps = {}): AddressPart<string | null> {
  const read = (given: string) => (given.length <= LONGEST_TEXT ? given : undefined);
  return one<string | null>(null, read, String, isStep);
}

/** One of a set, such as a tab or a state. `initial` need not be in the set: '' for "any". */
export function choice<const Value extends string, const Initial extends string | null>(
  values: readonly Value[],
  initial: Initial,
  { isStep = true }: Steps = {},
): AddressPart<Value | Initial> {
  const read = (given: string) => values.find((value) => value === given);
  return one<Value | Initial>(initial, read, String, isStep);
}

/** A mark that is set or not. */
export function flag(initial = false, { isStep = true }: Steps = {}): AddressPart<boolean> {
  const read = (given: string) => (given === 'true' ? true : given === 'false' ? false : undefined);
  return one(initial, read, String, isStep);
}

/** A whole number from 1 up to `largest`, such as the number of a page. */
export function whole(initial = 1, largest = 1_000_000, { isStep = true }: Steps = {}): AddressPart<number> {
  const read = (given: string) => {
    const number = /^[1-9]\d{0,8}$/.test(given) ? Number(given) : 0;
    return number >= 1 && number <= largest ? number : undefined;
  };
  return one(initial, read, String, isStep);
}

/** Several texts of at most 200 characters under one name: cursors, tags, ids. */
export function texts({ isStep = true }: Steps = {}): AddressPart<string[]> {
  return {
    names: (key) => [key],
    read: (query, key) =>
      (query[key] ?? []).filter((given) => given !== '' && given.length <= LONGEST_TEXT).slice(0, MOST_TEXTS),
    write: (value, key) => (value.length > 0 ? { [key]: value } : {}),
    isStep: () => isStep,
  };
}

/** A part of another name than its key in the view: `{ cursors: named('after', texts()) }`. */
export function named<Value>(name: string, part: AddressPart<Value>): AddressPart<Value> {
  return {
    names: () => part.names(name),
    read: (query) => part.read(query, name),
    write: (value) => part.write(value, name),
    isStep: part.isStep,
  };
}

/** A part with one value under one name. */
function one<Value>(
  initial: Value,
  read: (given: string) => Value | undefined,
  write: (value: Value) => string,
  isStep: boolean,
): AddressPart<Value> {
  return {
    names: (key) => [key],
    read(query, key) {
      const given = query[key]?.[0];
      const value = given === undefined ? undefined : read(given);
      return value === undefined ? initial : value;
    },
    write: (value, key) => (value === initial ? {} : { [key]: [write(value)] }),
    isStep: () => isStep,
  };
}

/** The view that an address has. */
export function viewIn<View extends object>(parts: AddressParts<View>, query: AddressQuery): View {
  const keys = Object.keys(parts) as (keyof View & string)[];
  return Object.fromEntries(keys.map((key) => [key, parts[key].read(query, key)])) as View;
}

/** What of an address is a view. */
export function queryOfView<View extends object>(parts: AddressParts<View>, view: View): AddressQuery {
  const keys = Object.keys(parts) as (keyof View & string)[];
  return Object.assign({}, ...keys.map((key) => parts[key].write(view[key], key)));
}

/** Puts a view into an address in place of the one that it has. What is of others on the page stays. */
export function withView<View extends object>(
  parts: AddressParts<View>,
  view: View,
  query: AddressQuery,
): AddressQuery {
  const keys = Object.keys(parts) as (keyof View & string)[];
  const own = new Set(keys.flatMap((key) => parts[key].names(key)));
  const others = Object.entries(query).filter(([name]) => !own.has(name));
  return { ...Object.fromEntries(others), ...queryOfView(parts, view) };
}

/** Whether a change of a view is a step on the browser's way back. */
export function isStep<View extends object>(parts: AddressParts<View>, before: View, after: View): boolean {
  const keys = Object.keys(parts) as (keyof View & string)[];
  return keys.some((key) => !isSame(before[key], after[key]) && parts[key].isStep(before[key], after[key]));
}

/** Whether two values of a view are the same. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
