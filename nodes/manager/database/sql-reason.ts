import type { Reasons } from '../shared/reason.js';

/** A reason that a statement makes: SQL expressions of its text and of its cause, which is jsonb. */
export interface SqlReason {
  readonly text: string;
  readonly cause: string;
}

/**
 * Returns SQL that makes the reason of a code. `values` are SQL expressions for the places of its text, which must not be null, or reasons
 * that a statement makes. Throws if a place has none.
 */
export function sqlReason<Texts extends Readonly<Record<string, string>>>(
  { texts }: Reasons<Texts>,
  code: keyof Texts & string,
  values: Readonly<Record<string, string | SqlReason>> = {},
): SqlReason {
  const expressionOf = (name: string): string | SqlReason => {
    if (Object.hasOwn(values, name)) return values[name]!;
    throw new Error(`The reason ${code} needs an expression for {${name}}.`);
  };
  // Every second piece is the name of a place.
  const pieces = texts[code]!.split(/\{(\w+)\}/);
  const text = pieces.map((piece, index) => (index % 2 === 0 ? literal(piece) : textOf(expressionOf(piece))));
  const params = pieces
    .filter((_piece, index) => index % 2 === 1)
    .flatMap((name) => [literal(name), jsonOf(expressionOf(name))]);
  return {
    text: `(${text.join(' || ')})`,
    cause: `jsonb_build_object('code', ${literal(code)}, 'params', jsonb_build_object(${params.join(', ')}))`,
  };
}

function textOf(value: string | SqlReason): string {
  return typeof value === 'string' ? value : value.text;
}

function jsonOf(value: string | SqlReason): string {
  return typeof value === 'string'
    ? value
    : `jsonb_build_object('text', ${value.text}, 'cause', ${value.cause})`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
