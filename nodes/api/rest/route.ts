import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { AuditAction, ToldLater } from '../../manager/audit/audited.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { clientIdOf } from '../../manager/protocol/client-id.js';
import type { Role } from '../../manager/shared/role.js';
import { TpeError, type TpeErrorCode } from '../../manager/shared/tpe-error.js';
import { isPlainObject, parser } from '../../manager/shared/validate.js';
import type { Caller } from '../caller.js';
import { firstIds } from '../ids-told.js';
import { IDEMPOTENCY_KEY } from '../job-acts.js';
import type { Procedure } from '../procedure.js';
import { type QuerySchema, readTexts } from './query.js';

/** The headers that a route can take. */
export const ROUTE_HEADERS = {
  'idempotency-key': {
    name: 'Idempotency-Key',
    description: 'A text of your own: the same call with the same key within a day is done once.',
    schema: IDEMPOTENCY_KEY,
  },
  'if-match': {
    name: 'If-Match',
    description: 'The `version` that you have seen; if it has another by now, the answer is 409.',
    schema: { type: 'string', pattern: '^"?[0-9]{1,9}"?$' },
  },
} as const;
export type RouteHeader = keyof typeof ROUTE_HEADERS;

/** A REST call as it was received. */
export interface RestCall {
  /** The values of the placeholders `{name}` in the path. */
  params: Readonly<Record<string, string>>;
  /** Every value is a text or a list of texts. */
  query: Readonly<Record<string, unknown>>;
  /** Parsed JSON, or the bytes of a file if the route takes a file; `{}` if no body was sent. */
  body: unknown;
  /** Those of the headers that the route takes, by their names in small letters. */
  headers?: Readonly<Partial<Record<RouteHeader, string>>>;
  /** Method and path as the caller wrote them, for the audit: `GET /api/device`. */
  call: string;
}

/** An answer in TPEDM's form `{status: true, data, next?}`. Status 202 means that the work goes on and the caller can ask again later. */
export interface RestData {
  status?: 200 | 202;
  data: unknown;
  /** The cursor of the next page. */
  next?: string | null;
}

/** An answer that is a file: a text, or the pieces of a large one. */
export interface RestFile {
  file: string | AsyncIterable<string>;
  type: string;
  name: string;
}

export type RestAnswer = RestData | RestFile;

/** What the OpenAPI document says about a route, in addition to its schemas. */
interface RouteText {
  /** The unique name of the call in generated clients. */
  operationId: string;
  /** The chapter of the document. */
  tag:
    | 'Gateways'
    | 'Files'
    | 'Commands'
    | 'Operations'
    | 'Updates'
    | 'Jobs'
    | 'Stops'
    | 'Sites'
    | 'Alarms'
    | 'Tokens'
    | 'Audit'
    | 'Document';
  summary: string;
  description?: string;
  /** Errors of this route, in addition to those of every route. */
  errors?: readonly TpeErrorCode[];
  /** JSON Schema of `data` in the answer; left out if the answer is a file. */
  data?: object;
  /** True if the answer has `next`. */
  isPaged?: true;
  /** True if the status of the answer may be 202. */
  mayGoOn?: true;
  /** The media types of the answer if it is a file. */
  file?: readonly string[];
  examples?: { body?: unknown; data?: unknown };
}

/** The body that a route takes. */
export type RouteBody =
  /** `schema` is only for the document. The handler checks the body itself and words its own errors. */
  | {
      kind: 'json';
      schema: object;
      isRequired: boolean;
      /** It may list many gateways, and be as large as a file. */
      takesMany?: true;
    }
  | { kind: 'file'; types: readonly string[] };

/** A REST route: a procedure with an address. */
export interface Route extends Procedure<RestCall, RestAnswer>, RouteText {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Relative to the path that tpe-server serves: `/device/{clientid}`. */
  path: string;
  query: QuerySchema;
  headers?: readonly RouteHeader[];
  body?: RouteBody;
}

type QueryOf<Schema> = Schema extends JSONSchema ? FromSchema<Schema> : never;

/** The call as the handler receives it, with the query in the types of its schema. */
export interface ReadCall<Query> extends Omit<RestCall, 'query'> {
  query: Query;
}

interface Definition<Schema extends QuerySchema> extends RouteText {
  method: Route['method'];
  path: string;
  role: Role;
  roleFor?(manager: DeviceManager, call: RestCall): Role | Promise<Role>;
  isCostly?: boolean;
  /** Left out if the route takes no query. */
  query?: Schema;
  /** Headers that it takes. */
  headers?: readonly RouteHeader[];
  body?: RouteBody;
  /** The audit action; left out if the route only reads. */
  action?: string;
  /** More detail for the audit, which records the call and the gateways anyway. */
  detail?(call: RestCall, manager: DeviceManager): Record<string, unknown>;
  /** The job, gateway or stop that the audit names, where that has to be looked up. */
  subject?(call: RestCall, manager: DeviceManager): Promise<Omit<AuditAction, 'action'>>;
  /** What the audit tells in addition once it is done. */
  auditDone?(answer: RestAnswer): ToldLater;
  answer(manager: DeviceManager, call: ReadCall<QueryOf<Schema>>, caller: Caller): Promise<RestAnswer>;
}

const NO_QUERY = { type: 'object', properties: {}, additionalProperties: false } as const;

/**
 * Creates a route whose query is described by a JSON Schema. Its handler rejects with INVALID_INPUT for unknown names in the query,
 * because the caller expects an effect from each.
 */
export function defineRoute<const Schema extends QuerySchema = typeof NO_QUERY>({
  answer,
  action,
  detail,
  subject,
  ...definition
}: Definition<Schema>): Route {
  const query: QuerySchema = definition.query ?? NO_QUERY;
  const readQuery = parser<QueryOf<Schema>>(query, 'query', adviceOf(query));
  return {
    ...definition,
    query,
    input: query,
    parse: (call) => call as RestCall,
    handler: (manager, call, caller) =>
      answer(manager, { ...call, query: readQuery(readTexts(query, call.query)) }, caller),
    ...(action !== undefined && {
      async audit(call: RestCall, manager: DeviceManager) {
        const told = auditActionOf(action, call);
        const named = await subject?.(call, manager);
        return {
          ...told,
          ...named,
          detail: { ...told.detail, ...named?.detail, ...detail?.(call, manager) },
        };
      },
    }),
  };
}

function adviceOf({ properties }: QuerySchema): string {
  const names = Object.keys(properties);
  return names.length === 0 ? 'This call takes no query.' : `The query takes any of ${names.join(', ')}.`;
}

/** The parts of a body that the audit records. The others may be long or secret. */
const TOLD = ['operation', 'method', 'path'] as const;

function auditActionOf(action: string, { call, params, query, body }: RestCall): AuditAction {
  const given = isPlainObject(body) ? body : {};
  const list = Array.isArray(body) ? body : given.clientids;
  const clientids = Array.isArray(list) ? list : null;
  const clientid = params.clientid ?? clientIdOf(given.clientid);
  return {
    action,
    ...(typeof clientid === 'string' && { clientid: clientid.slice(0, 200) }),
    ...(clientids !== null && { clientids: clientids.filter((one) => typeof one === 'string') }),
    detail: {
      call,
      ...(Object.keys(query).length > 0 && { query }),
      ...Object.fromEntries(TOLD.flatMap((name) => toldText(name, given[name]))),
      ...(clientids !== null && {
        gateways: clientids.length,
        clientids: firstIds(clientids),
      }),
    },
  };
}

function toldText(name: string, value: unknown): [string, string][] {
  return value === undefined || value === null ? [] : [[name, short(value)]];
}

/** Limits the length of a value, because a long one would leave no room for the rest of the audit entry. */
function short(value: unknown): string {
  return (typeof value === 'object' ? 'no text' : String(value)).slice(0, 200);
}

/** Returns the body of a call as an object. Throws INVALID_INPUT if it is anything else. */
export function objectIn(body: unknown): Record<string, unknown> {
  if (isPlainObject(body)) return body;
  throw new TpeError('INVALID_INPUT', 'The body must be a JSON object.', { field: 'body' });
}

/** Whether the route takes a file as its body. The content type of the call does not matter then. */
export function isFile({ body }: Pick<Route, 'body'>): boolean {
  return body?.kind === 'file';
}

/** Resolves with the value of `waiting`, or with null if the manager closes meanwhile. Rejects with all errors other than CLOSED. */
export async function unlessClosed<Value>(waiting: Promise<Value>): Promise<Value | null> {
  return await waiting.catch((error: unknown) => {
    if (error instanceof TpeError && error.code === 'CLOSED') return null;
    throw error;
  });
}
