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

// What a browser sends us goes as JSON that rounds whole numbers beyond 2^53: a body with one of them goes as a text of its own.

/** Characters; a gateway takes fewer. */
export const MAX_BODY_TEXT_LENGTH = 300_000;

interface WithBody {
  params?: unknown;
  requestBody?: unknown;
  requestBodyText?: string;
}

/** A command as it can be sent through JSON: a body with a BigInt as its text, a parameter as its digits. */
export function throughJson<Request extends WithBody>(request: Request): Request {
  const { params, requestBody, ...rest } = request;
  return {
    ...(rest as Request),
    ...(params !== undefined && { params: hasBigInt(params) ? digitsOf(params) : params }),
    ...(requestBody !== undefined &&
      (hasBigInt(requestBody) ? { requestBodyText: exactJson(requestBody) } : { requestBody })),
  };
}

/** The same command with the body that its text says. INVALID_INPUT for both at once, and for what is no JSON. */
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

/** That a record shows the whole numbers beyond 2^53 of its body as texts: each was sent as the number that it is. */
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

/** The body of a record as it was given, to be sent once more. */
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
