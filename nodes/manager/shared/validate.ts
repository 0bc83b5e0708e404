import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { countQuickly } from './quick-length.js';
import { TpeError } from './tpe-error.js';

const ajv = countQuickly(new Ajv({ allErrors: true }));
/** More faults would help nobody. */
const MAX_FAULTS = 10;

/**
 * Creates a parser for a value from outside. `Value` is the type that the schema describes, and `subject` names the value in errors:
 * `msg.payload`. The parser throws INVALID_INPUT with the first faults and their places, followed by `advice`, which says what to give
 * instead. The `field` of its details is the subject, or, with `named: 'place'`, the place of the first fault within it.
 */
export function parser<Value>(
  schema: object,
  subject: string,
  advice = '',
  named: 'subject' | 'place' = 'subject',
): (value: unknown) => Value {
  // Compiled at the first use, because the page of an editor may forbid generated code, and then must not fail on loading.
  let compiled: ValidateFunction<Value> | undefined;
  // For a schema, a Date, a Map or an empty Buffer is an object without properties, which as a filter would find everything.
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
    const first = named === 'place' && !isOther ? validate.errors?.[0] : undefined;
    throw new TpeError(
      'INVALID_INPUT',
      text,
      first === undefined ? { field: subject } : placeOf(subject, first),
    );
  };
}

/** Whether a value is `{...}`, made here or in the context of a function node; false for a list, a Buffer, a Date and null. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The kind of a value, as a sentence says it: `a list`, `a number`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return isPlainObject(value) ? 'an object' : `no plain object but ${Object.prototype.toString.call(value)}`;
}

/** The place of a fault without the subject, such as `targets.ids`, and the rule that it breaks. */
function placeOf(subject: string, { instancePath, params, keyword }: ErrorObject): Record<string, unknown> {
  const { missingProperty, additionalProperty } = params as Record<string, unknown>;
  const name = missingProperty ?? additionalProperty;
  const levels = [...instancePath.split('/').slice(1), ...(typeof name === 'string' ? [name] : [])];
  return { field: levels.join('.') || subject, rule: keyword };
}

function describe(subject: string, fault: ErrorObject): string {
  const place = `${subject}${fault.instancePath.replaceAll('/', '.')}`;
  const named = fault.params as { additionalProperty?: string; allowedValues?: unknown[] };
  if (named.additionalProperty !== undefined)
    return `${place} has an unknown property "${named.additionalProperty}"`;
  if (named.allowedValues) return `${place} must be one of ${named.allowedValues.join(', ')}`;
  return `${place} ${fault.message ?? 'is not valid'}`;
}
