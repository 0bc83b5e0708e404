import { exactJson, parseExactJson } from '../../../manager/shared/exact-json.js';
import { bareName, factsOf } from '../../../manager/shared/secret-names.js';

/** What of a form is more than what a person types. */
export interface DraftParts {
  /** Fields whose objects the server gave: they are kept as they are, since the names in them are those of a description. */
  given?: readonly string[];
  /** The folded names of fields that are secrets beside those that are called so. */
  marked?: () => ReadonlySet<string>;
  /** Whether a field may be kept that can hold secrets without having the name of one, such as a pasted file. */
  mayKeep?: (name: string, value: unknown) => boolean;
}

/** What may be kept of a form. */
export interface DraftText {
  text: string;
  /** Whether secrets were typed, which are not in it. */
  lacksSecrets: boolean;
}

/** Columns stand at the beginning, behind some rows at most. */
const LOOKED_AT = 20_000;
const NONE: ReadonlySet<string> = new Set();

/** A form as the text that may be kept of it: with long numbers as they are, and without secrets. */
export function draftText(
  form: object,
  { given = [], marked, mayKeep = () => true }: DraftParts = {},
): DraftText {
  const names = marked?.() ?? NONE;
  let lacksSecrets = false;
  const isSecret = (name: string) => factsOf(name).isSecret || names.has(bareName(name));

  function kept(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(kept);
    const fields = Object.entries(value);
    // As in `{name: 'password', value: '…'}`.
    const isLabelled = fields.some(
      ([name, one]) => factsOf(name).isLabel && typeof one === 'string' && isSecret(one),
    );
    const shown = fields.flatMap(([name, one]) => {
      if (given.includes(name) && typeof one === 'object') return [[name, one] as const];
      if (isSecret(name) || (isLabelled && factsOf(name).isLabelled) || !mayKeep(name, one)) {
        lacksSecrets ||= saysSomething(one);
        return [];
      }
      return [[name, kept(one)] as const];
    });
    return Object.fromEntries(shown);
  }

  return { text: exactJson(kept(form)), lacksSecrets };
}

function saysSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && typeof value !== 'boolean';
}

/** Whether a file, or the part of one that was pasted, seems to have a column or field for secrets. */
export function hasSecretColumn(text: string): boolean {
  return text
    .slice(0, LOOKED_AT)
    .split(/[",;\t\r\n:{}[\]]+/)
    .some((cell) => factsOf(cell.trim()).isSecret);
}

/** The form that a text was made of; null if it is none. */
export function formOf<Form extends object>(text: string): Partial<Form> | null {
  try {
    const form = parseExactJson(text);
    return typeof form === 'object' && form !== null && !Array.isArray(form) ? (form as Partial<Form>) : null;
  } catch {
    return null;
  }
}
