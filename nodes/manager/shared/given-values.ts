import { badField } from './invalid-input.js';
import { TpeError } from './tpe-error.js';
import { kindOf } from './validate.js';

// Values as people and programs give them: a number may be a text, and so may `true`. Null and "" count as no value.

/** Longest time that a caller may wait for the end of something, s. */
export const MAX_WAIT_S = 86_400;

/** A text; undefined when there is none. Numbers become text. Throws INVALID_INPUT naming the field. */
export function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new TpeError('INVALID_INPUT', `"${name}" must be text, not ${kindOf(value)}.`, { field: name });
}

/** A number, also when written as text; undefined when there is none. Throws INVALID_INPUT naming the field. */
export function numberOf(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' ? Number(value.trim() || Number.NaN) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new TpeError('INVALID_INPUT', `"${name}" must be a number, not ${show(value)}.`, { field: name });
}

/** Seconds in, whole milliseconds out; undefined when there is none. Throws INVALID_INPUT naming the field. */
export function millisecondsOf(value: unknown, name: string): number | undefined {
  const seconds = numberOf(value, name);
  if (seconds === undefined) return undefined;
  if (seconds >= 0) return Math.round(seconds * 1000);
  throw badField(name, `0 or more seconds, not ${seconds}`);
}

/** How long to wait, ms. True and no value mean to the end (Infinity), false not at all; a number is in seconds. Throws INVALID_INPUT. */
export function waitMsOf(value: unknown): number {
  if (value === undefined || value === null || value === '' || value === true || value === 'true') {
    return Number.POSITIVE_INFINITY;
  }
  if (value === false || value === 'false') return 0;
  const ms = millisecondsOf(value, 'wait') ?? 0;
  if (ms <= MAX_WAIT_S * 1000) return ms;
  throw badField('wait', `true, false, or 0 to ${MAX_WAIT_S} seconds`);
}

/** One of `choices`; undefined when there is none. Throws INVALID_INPUT naming them. */
export function choiceOf<const Choice extends string>(
  value: unknown,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOf(value, name);
  if (text === undefined) return undefined;
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new TpeError('INVALID_INPUT', `"${name}" must be one of ${choices.join(', ')}, not ${show(text)}.`, {
    field: name,
  });
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : kindOf(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** True or false, also as the text of a query; false when there is none. Throws INVALID_INPUT naming the field. */
export function switchOf(value: unknown, name: string): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new TpeError('INVALID_INPUT', `"${name}" must be true or false.`, { field: name });
}
