import {
  changedWithin,
  exactJson,
  hasBigInt,
  parseExactJson,
  UncarriedNumber,
} from '../shared/exact-json.js';
import type { Fault } from '../shared/fault.js';
import { jsonFault } from '../shared/json-bounds.js';
import { TpeError } from '../shared/tpe-error.js';

// JSON from a browser would round whole numbers beyond 2^53, so a body with such a number is sent as a text of its own.

/** The longest text of a body, in characters; gateways accept less. */
export const MAX_BODY_TEXT_LENGTH = 300_000;

interface WithBody {
  params?: unknown;
  requestBody?: unknown;
  requestBodyText?: string;
}

/** Returns a command in a form that JSON can carry: a body with a BigInt becomes its text, a BigInt in a parameter its digits. */
export function throughJson<Request extends WithBody>(request: Request): Request {
  const { params, requestBody, ...rest } = request;
  return {
    ...(rest as Request),
    ...(params !== undefined && { params: hasBigInt(params) ? digitsOf(params) : params }),
    ...(requestBody !== undefined &&
      (hasBigInt(requestBody) ? { requestBodyText: exactJson(requestBody) } : { requestBody })),
  };
}

/** Returns the command with the body that its text holds. Throws INVALID_INPUT if both are given, or if the text is not JSON. */
export function withBodyOfText<Request extends WithBody>(request: Request): Request {
  const { requestBodyText: text, ...rest } = request;
  if (text === undefined) return request;
  if (rest.requestBody !== undefined) throw invalid('is given beside "requestBody": give one of them');
  try {
    return { ...(rest as Request), requestBody: parseExactJson(text) };
  } catch (error) {
    throw invalid(error instanceof UncarriedNumber ? error.message : `is not JSON: ${jsonFault(error)}`);
  }
}

const RULE = 'digits';
const MAX_SHOWN = 5;

/** Returns a fault that says where a record shows whole numbers beyond 2^53 as texts, though they are sent as numbers; empty if nowhere. */
export function shownAsTexts(requestBody: unknown): Fault[] {
  if (!hasBigInt(requestBody)) return [];
  const places: string[] = [];
  changedWithin(requestBody, (one, pointer) => {
    if (typeof one === 'bigint') places.push(pointer);
    return null;
  });
  const more = places.length > MAX_SHOWN ? ', ...' : '';
  const text = `requestBody has whole numbers beyond 2^53, which are shown as texts here and were given as numbers: ${places.slice(0, MAX_SHOWN).join(', ')}${more} (${RULE})`;
  return [{ in: 'requestBody', path: '', rule: RULE, value: places, text }];
}

/** Returns the body of a record as it was given, so that it can be sent again. */
export function bodyAsGiven({
  requestBody,
  faults,
}: {
  requestBody: unknown;
  faults: readonly Fault[];
}): unknown {
  const places = new Set<unknown>(
    faults.filter((one) => one.in === 'requestBody' && one.rule === RULE).flatMap(({ value }) => value),
  );
  if (places.size === 0) return requestBody;
  return changedWithin(requestBody, (one, pointer) =>
    places.has(pointer) && typeof one === 'string' && /^-?\d+$/.test(one) ? { to: BigInt(one) } : null,
  );
}

function digitsOf(value: unknown): unknown {
  return changedWithin(value, (one) => (typeof one === 'bigint' ? { to: String(one) } : null));
}

function invalid(what: string): TpeError {
  return new TpeError('INVALID_INPUT', `"requestBodyText" ${what}.`, { field: 'requestBodyText' });
}
