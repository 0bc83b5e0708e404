import { parseExactJson } from '../../manager/shared/exact-json.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { isBlank } from './blank.js';
import { type Field, type FieldCheck, type FieldValues, fault, shown } from './field.js';

/** A text of the node, trimmed; empty where it is blank. */
export function textIn(node: FieldValues, name: string): string {
  const value = node[name];
  return isBlank(value) ? '' : String(value).trim();
}

/** The first of the faults. */
export function allOf(...checks: FieldCheck[]): FieldCheck {
  return (text, node, around) => {
    for (const check of checks) {
      const found = check(text, node, around);
      if (found !== null) return found;
    }
    return null;
  };
}

/** One of `choices`. */
export function oneOf(choices: readonly string[]): FieldCheck {
  return (text) =>
    choices.includes(text) ? null : fault('choice', { value: shown(text), choices: choices.join(', ') });
}

function isWithin(text: string, least: number, most: number): boolean {
  const number = Number(text);
  return Number.isFinite(number) && number >= least && number <= most;
}

/** Seconds, with fractions. */
export function secondsFrom(least: number, most: number): FieldCheck {
  return (text) =>
    isWithin(text, least, most) ? null : fault('seconds', { value: shown(text), least, most });
}

export function wholeNumber(least: number, most: number): FieldCheck {
  return (text) =>
    isWithin(text, least, most) && Number.isInteger(Number(text))
      ? null
      : fault('whole', { value: shown(text), least, most });
}

/** A URL that `isGood`; a login in it is never shown. */
export function urlThat(isGood: (text: string) => boolean, like: string): FieldCheck {
  return (text) =>
    isGood(text) ? null : fault('url', { value: shown(text.replace(/\/\/[^/]*@/, '//…@')), like });
}

/** True for an http or https URL. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^/]/i.test(text) && URL.canParse(text);
}

/** What throws says why, in words. */
export function readBy(read: (text: string, node: FieldValues) => unknown): FieldCheck {
  return (text, node) => {
    try {
      read(text, node);
      return null;
    } catch (error) {
      // Where the page forbids it to make code, Ajv cannot check: the runtime will.
      if (error instanceof EvalError) return null;
      return fault('reason', { reason: messageOf(error).replace(/\.$/, '') });
    }
  };
}

/** JSON, and what it holds. */
export function jsonThat(read: (value: unknown, node: FieldValues) => unknown = () => null): FieldCheck {
  return (text, node, around) => {
    let value: unknown;
    try {
      value = parseExactJson(text);
    } catch (error) {
      return fault('json', { reason: messageOf(error) });
    }
    return readBy((_text, of) => read(value, of))(text, node, around);
  };
}

const EXPRESSIONS = ['msg', 'flow', 'global', 'jsonata'];
const OTHER_TYPES = ['str', 'num', 'bool', 'json', 'bin', 'date', 're'];
const NUMBER = /^NaN$|^[+-]?\d*\.?\d*(e[-+]?\d+)?$|^[+-]?0b[01]+$|^[+-]?0o[0-7]+$|^[+-]?0x[\da-f]+$/i;

/**
 * The field of a typed input: a fixed value is checked by its type, an expression as such, a variable of the environment not
 * at all. `types` are the fixed ones.
 */
export function typed(name: string, types: Readonly<Record<string, FieldCheck | null>>): FieldCheck {
  return (text, node, around) => checkTyped(text, String(node[`${name}Type`] ?? 'str'), types, node, around);
}

/** As `typed`, for a type that is given. */
export function checkTyped(
  text: string,
  type: string,
  types: Readonly<Record<string, FieldCheck | null>>,
  ...[node, around]: [FieldValues, Parameters<FieldCheck>[2]]
): ReturnType<FieldCheck> {
  if (type === 'env') return null;
  if (EXPRESSIONS.includes(type)) {
    const reason = around.expressionFault(type, text);
    return reason === null ? null : fault('expression', { reason });
  }
  if (!Object.hasOwn(types, type)) {
    // What a flow made by hand may say: Node-RED knows the type, and a number may be written as text.
    if (OTHER_TYPES.includes(type)) return types.num?.(text, node, around) ?? null;
    return fault('choice', {
      value: shown(type),
      choices: [...Object.keys(types), ...EXPRESSIONS, 'env'].join(', '),
    });
  }
  if (type === 'num' && !NUMBER.test(text))
    return fault('number', { value: shown(text), least: '-∞', most: '∞' });
  return types[type]?.(text, node, around) ?? null;
}

/** The fields `name` and `nameType` of a typed input. */
export function typedFields(
  name: string,
  types: Readonly<Record<string, FieldCheck | null>>,
  field: Omit<Field, 'check'>,
): Record<string, Field> {
  return { [name]: { ...field, check: typed(name, types) }, [`${name}Type`]: { label: field.label } };
}
