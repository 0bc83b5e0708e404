import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { countQuickly } from './quick-length.js';
import { TpeError } from './tpe-error.js';

const ajv = countQuickly(new Ajv({ allErrors: true }));
/** More help nobody. */
const MAX_FAULTS = 10;

/**
 * Makes a parser for a value that came from outside; `Value` is the type that the schema describes. `subject` names it in
 * errors: `msg.payload`. The parser throws INVALID_INPUT with the first faults and their places, and behind them `advice`: what to
 * give instead.
 */
export function parser<Value>(schema: object, subject: string, advice = ''): (value: unknown) => Value {
  // Made when it is first needed: the page of an editor may not be allowed to make code, and then has to do without.
  let compiled: ValidateFunction<Value> | undefined;
  // To a schema a Date, a Map or an empty Buffer is an object without properties: a filter that finds everything.
  const isObjects = (schema as { type?: unknown }).type === 'object';
  return (value) => {
    compiled ??= ajv.compile<Value>(schema);
    const validate = compiled;
    const isOther = isObjects && typeof value === 'object' && value !== null && !isPlainObject(value);
    if (!isOther && validate(value)) return value;
    const faults = isOther
      ? [`${subject} is ${kindOf(value)}`]
      : (validate.errors ?? []).slice(0, MAX_FAULTS).map((fault) => describe(subject, fault));
    const text = `${[...new Set(faults)].join('; ')}.${advice === '' ? '' : ` ${advice}`}`;
    throw new TpeError('INVALID_INPUT', text, { field: subject });
  };
}

/** True for `{...}`, made here or in a function node's own world: no list, no Buffer, no Date, not null. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a value is, as a sentence says it: `a list`, `a number`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return isPlainObject(value) ? 'an object' : `no plain object but ${Object.prototype.toString.call(value)}`;
}

function describe(subject: string, fault: ErrorObject): string {
  const place = `${subject}${fault.instancePath.replaceAll('/', '.')}`;
  const named = fault.params as { additionalProperty?: string; allowedValues?: unknown[] };
  if (named.additionalProperty !== undefined)
    return `${place} has an unknown property "${named.additionalProperty}"`;
  if (named.allowedValues) return `${place} must be one of ${named.allowedValues.join(', ')}`;
  return `${place} ${fault.message ?? 'is not valid'}`;
}
