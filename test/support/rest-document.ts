import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { findRoute } from '../../nodes/api/rest/find-route.js';
import { ROUTES } from '../../nodes/api/rest/index.js';
import { openApiOf } from '../../nodes/api/rest/open-api.js';

/** What is read of the document here. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, DocumentedCall>>;
  components: { responses: Record<string, DocumentedAnswer>; schemas: Record<string, object> };
}

export interface DocumentedCall {
  operationId: string;
  requestBody?: { content: Record<string, { schema?: object; example?: unknown }> };
  responses: Record<string, DocumentedAnswer | { $ref: string }>;
}

export interface DocumentedAnswer {
  content: Record<string, { schema?: object; example?: unknown }>;
}

/**
 * The document as this pack makes it, but closed: later versions may have more fields, this one gives those that it describes and
 * no other.
 */
export const DOCUMENT = closed(openApiOf(ROUTES)) as OpenApiDocument;

function closed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(closed);
  const within = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, closed(one)]));
  const isObject = within.type === 'object' && typeof within.properties === 'object';
  return isObject ? { additionalProperties: false, ...within } : within;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const compiled = new Map<object, ValidateFunction>();

/** Why a value does not fit a schema of the document; an empty text: it fits. */
export function misfit(schema: object, value: unknown): string {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile({ ...schema, components: DOCUMENT.components });
    compiled.set(schema, validate);
  }
  return validate(value) ? '' : (validate.errors ?? []).map(said).join('; ');
}

function said({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`;
}

/** What the document says of the answers of a call; null: it has no such call. `path` is below the path that is served. */
export function documentedCall(method: string, path: string): DocumentedCall | null {
  const route = findRoute(method, path)?.route;
  return (route && DOCUMENT.paths[route.path]?.[route.method.toLowerCase()]) ?? null;
}

/** The answer of a call with a status, where the document has one. */
export function documentedAnswer({ responses }: DocumentedCall, status: number): DocumentedAnswer | null {
  const answer = responses[status];
  if (answer === undefined) return null;
  return '$ref' in answer ? DOCUMENT.components.responses[answer.$ref.split('/').at(-1)!]! : answer;
}
