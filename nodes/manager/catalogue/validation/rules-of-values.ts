import { type Check, fail, type Place, type Rule } from './check.js';
import { isEqual } from './same-json.js';
import { isSchema } from './subschemas.js';

/** Whole numbers beyond 2^53 are read as BigInt, so that no digit is lost. */
type AnyNumber = number | bigint;

const NUMBERS: Record<string, [sign: string, holds: (value: AnyNumber, limit: number) => boolean]> = {
  minimum: ['>=', (value, limit) => value >= limit],
  maximum: ['<=', (value, limit) => value <= limit],
  exclusiveMinimum: ['>', (value, limit) => value > limit],
  exclusiveMaximum: ['<', (value, limit) => value < limit],
};

/** The keywords for values of any type, and those for numbers. */
export const VALUE_RULES: readonly [string, Rule][] = [
  ['type', checkType],
  ['enum', checkEnum],
  ['const', checkConst],
  ['multipleOf', checkMultiple],
  ...Object.entries(NUMBERS).map(([keyword, [sign, holds]]): [string, Rule] => [
    keyword,
    (check, place, limit) => {
      const { value } = place;
      if (!isNumber(value) || typeof limit !== 'number' || holds(value, limit)) return true;
      return fail(check, place, keyword, { comparison: sign, limit }, `must be ${sign} ${limit}`);
    },
  ]),
];

function checkType(check: Check, place: Place, type: unknown): boolean {
  const types: unknown[] = [type].flat();
  if (place.schema.nullable === true) types.push('null');
  return (
    types.some((one) => isOfType(place.value, one)) ||
    fail(check, place, 'type', { type }, `must be ${[type].flat().join(',')}`)
  );
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value) || typeof value === 'bigint';
    case 'number':
      return Number.isFinite(value) || typeof value === 'bigint';
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isSchema(value);
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`${JSON.stringify(type)} is no type of JSON Schema`);
  }
}

function checkEnum(check: Check, place: Place, allowed: unknown): boolean {
  if (!Array.isArray(allowed)) return true;
  const isOne = allowed.some((one) => isEqual(check, one, place.value));
  return (
    isOne ||
    fail(check, place, 'enum', { allowedValues: allowed }, 'must be equal to one of the allowed values')
  );
}

function checkConst(check: Check, place: Place, allowed: unknown): boolean {
  if (isEqual(check, allowed, place.value)) return true;
  return fail(check, place, 'const', { allowedValue: allowed }, 'must be equal to constant');
}

function checkMultiple(check: Check, place: Place, of: unknown): boolean {
  const { value } = place;
  if (!isNumber(value) || typeof of !== 'number' || isMultiple(value, of)) return true;
  return fail(check, place, 'multipleOf', { multipleOf: of }, `must be multiple of ${of}`);
}

function isNumber(value: unknown): value is AnyNumber {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Calculates with decimal digits: 0.3 is three times 0.1, but a division of floating-point numbers does not show that. */
function isMultiple(value: AnyNumber, of: number): boolean {
  if (typeof value === 'number' && Number.isInteger(value / of)) return true;
  const [one, other] = [digitsOf(value), digitsOf(of)];
  if (one === null || other === null || other.digits === 0n) return false;
  const exponent = Math.min(one.exponent, other.exponent);
  const whole = ({ digits, exponent: own }: Digits) => digits * 10n ** BigInt(own - exponent);
  return whole(one) % whole(other) === 0n;
}

/** A number as a whole number times a power of ten. */
interface Digits {
  digits: bigint;
  exponent: number;
}

function digitsOf(value: AnyNumber): Digits | null {
  const [, sign, whole, part = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? [];
  if (whole === undefined) return null;
  return { digits: BigInt(`${sign}${whole}${part}`), exponent: Number(exponent) - part.length };
}
