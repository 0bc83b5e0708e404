import { parseExactJson } from '../../manager/shared/exact-json.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { isBlank } from './blank.js';
import { type Field, type FieldCheck, type FieldValues, fault, shown } from './field.js';

/** The trimmed text of a field of the node; empty if the field is blank. */
export function textIn(node: FieldValues, name: string): string {
  const value = node[name];
  return isBlank(value) ? '' : String(value).trim();
}

/** Runs the checks in order and returns the first fault. */
export function allOf(...checks: FieldCheck[]): FieldCheck {
  return (text, node, around) => {
    for (const check of checks) {
      const found = check(text, node, around);
      if (found !== null) return found;
    }
    return null;
  };
}

/** Checks for one of `choices`. */
export function oneOf(choices: readonly string[]): FieldCheck {
  return (text) =>
    choices.includes(text) ? null : fault('choice', { value: shown(text), choices: choices.join(', ') });
}

function isWithin(text: string, least: number, most: number): boolean {
  const number = Number(text);
  return Number.isFinite(number) && number >= least && number <= most;
}

/** Checks for a number of seconds from `least` to `most`, fractions allowed. */
export function secondsFrom(least: number, most: number): FieldCheck {
  return (text) =>
    isWithin(text, least, most) ? null : fault('seconds', { value: shown(text), least, most });
}

/** Checks for a number from `least` to `most`, fractions allowed. */
export function numberFrom(least: number, most: number): FieldCheck {
  return (text) =>
    isWithin(text, least, most) ? null : fault('number', { value: shown(text), least, most });
}

/** Checks for a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): FieldCheck {
  return (text) =>
    isWithin(text, least, most) && Number.isInteger(Number(text))
      ? null
      : fault('whole', { value: shown(text), least, most });
}

/** Checks for a URL that `isGood` accepts. `like` is an example for the fault. The fault never shows a login in the URL. */
export function urlThat(isGood: (text: string) => boolean, like: string): FieldCheck {
  return (text) =>
    isGood(text) ? null : fault('url', { value: shown(text.replace(/\/\/[^/]*@/, '//…@')), like });
}

/** Whether the text is an http or https URL. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^/]/i.test(text) && URL.canParse(text);
}

/** Checks with a function that throws if the text is wrong. The message of its error becomes the fault. */
export function readBy(read: (text: string, node: FieldValues) => unknown): FieldCheck {
  return (text, node) => {
    try {
      read(text, node);
      return null;
    } catch (error) {
      // Ajv cannot check if the page forbids to generate code. The runtime checks it then.
      if (error instanceof EvalError) return null;
      return fault('reason', { reason: messageOf(error).replace(/\.$/, '') });
    }
  };
}

/** Checks for JSON, and checks the parsed value with `read`, which throws if the value is wrong. */
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
 * Checks the field of a typed input. `types` holds the types of fixed values, each with its check or null for any value. Expressions are
 * only checked for their syntax, and environment variables not at all.
 */
export function typed(name: string, types: Readonly<Record<string, FieldCheck | null>>): FieldCheck {
  return (text, node, around) => checkTyped(text, String(node[`${name}Type`] ?? 'str'), types, node, around);
}

/** Like `typed`, but the type is a parameter and not another field of the node. Returns null if nothing is wrong. */
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
    // A flow that was written by hand may use other types of Node-RED, for example a number as text.
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

/** Creates the fields `name` and `nameType` of a typed input. */
export function typedFields(
  name: string,
  types: Readonly<Record<string, FieldCheck | null>>,
  field: Omit<Field, 'check'>,
): Record<string, Field> {
  return { [name]: { ...field, check: typed(name, types) }, [`${name}Type`]: { label: field.label } };
}
