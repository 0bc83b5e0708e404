import { objectOf, text } from './value-schemas.js';

/**
 * What a reason says apart from its words, so that programs can act on it and others can translate it: the code of a text in the table of
 * a room (see defineReasons), and the values for the places of that text.
 */
export interface Cause {
  readonly code: string;
  readonly params: Readonly<Record<string, ReasonValue>>;
}

/** A value in a text; a reason can contain another one. */
export type ReasonValue = string | number | Reason;

/** Tells a person why something is so. */
export interface Reason {
  /** In English. */
  readonly text: string;
  /** Null for the words of others, such as the broker's or the gateway's own, which have no translation. */
  readonly cause: Cause | null;
}

/** JSON Schema of a Cause. */
export const CAUSE = {
  type: 'object',
  description: 'The same without words, for programs: a code, and the values of the text.',
  properties: {
    code: { ...text, description: 'Stays the same when the text is worded in another way.' },
    params: {
      type: 'object',
      description: 'The values by name; one may be a reason itself, with `text` and `cause`.',
    },
  },
  required: ['code', 'params'],
  additionalProperties: false,
} as const;

/** JSON Schema of a Cause, or null where there is no reason or only words of others. */
export const CAUSE_OR_NULL = { ...CAUSE, type: ['object', 'null'] } as const;

/** JSON Schema of a Reason. */
export const REASON = objectOf({ text, cause: CAUSE_OR_NULL });

/** An option of FromSchema: what has the schema CAUSE_OR_NULL is a Cause, or null. */
export interface WithCauses {
  deserialize: [{ pattern: typeof CAUSE_OR_NULL; output: Cause | null }];
}

type PlacesOf<Text extends string> = Text extends `${string}{${infer Place}}${infer Rest}`
  ? Place | PlacesOf<Rest>
  : never;
type ParamsOf<Text extends string> = [PlacesOf<Text>] extends [never]
  ? []
  : [params: Readonly<Record<PlacesOf<Text>, ReasonValue>>];

/** Makes the reasons of one table. */
export interface Reasons<Texts extends Readonly<Record<string, string>>> {
  /** The reason of a code, with a value for each place of its text. */
  <Code extends keyof Texts & string>(code: Code, ...given: ParamsOf<Texts[Code]>): Reason;
  /** The English texts by code. */
  readonly texts: Texts;
}

/**
 * Takes the texts of a room by code, such as `{ 'connected-from': 'connected from {address}' }`. Codes are kebab-case and occur in one
 * table only, because people are told by them in their languages.
 */
export function defineReasons<const Texts extends Readonly<Record<string, string>>>(
  texts: Texts,
): Reasons<Texts> {
  const make = (code: keyof Texts & string, params: Readonly<Record<string, ReasonValue>> = {}): Reason => {
    const values = Object.entries(params).map(([name, value]) => [name, storableValue(value)] as const);
    const storable = Object.fromEntries(values);
    return { text: fillIn(texts[code]!, storable), cause: { code, params: storable } };
  };
  return Object.assign(make, { texts }) as Reasons<Texts>;
}

/** The words of others, as a reason without a cause. */
export function wordsOfOthers(words: string): Reason {
  return { text: storableText(words), cause: null };
}

/** A place in a text, for example `{address}`. */
const PLACE = /\{(\w+)\}/g;

/** Puts values into the places of a text. A reason is put in by its text, as `told` gives it. */
export function fillIn(
  template: string,
  params: Readonly<Record<string, ReasonValue>>,
  told: (reason: Reason) => string = (reason) => reason.text,
): string {
  return template.replaceAll(PLACE, (place, name: string) => {
    const value = Object.hasOwn(params, name) ? params[name]! : place;
    return typeof value === 'object' && value !== null ? told(value) : String(value);
  });
}

function storableValue(value: ReasonValue): ReasonValue {
  return typeof value === 'string' ? storableText(value) : value;
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
function storableText(words: string): string {
  return words.replaceAll('\u0000', '').toWellFormed();
}
