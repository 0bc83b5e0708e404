import { exactJson, hasBigInt, parseExactJson, UncarriedNumber } from '../exact-json.js';
import { jsonFault } from '../json-bounds.js';
import { TpeError } from '../tpe-error.js';

// What a browser sends us goes as JSON that rounds whole numbers beyond 2^53: a body with one of them goes as a text of its own.

/** Characters; a gateway takes fewer. */
export const LONGEST_BODY_TEXT = 300_000;

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

function digitsOf(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(digitsOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, digitsOf(inner)]));
}

function invalid(what: string): TpeError {
  return new TpeError('INVALID_INPUT', `"requestBodyText" ${what}.`, { field: 'requestBodyText' });
}
