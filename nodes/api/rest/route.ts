import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { AuditAction } from '../../manager/audit/audited.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { clientIdOf } from '../../manager/protocol/client-id.js';
import type { Role } from '../../manager/shared/role.js';
import { TpeError, type TpeErrorCode } from '../../manager/shared/tpe-error.js';
import { isPlainObject, parser } from '../../manager/shared/validate.js';
import type { Caller } from '../caller.js';
import type { Procedure } from '../procedure.js';
import { type QuerySchema, readTexts } from './query.js';

/** A call as it came in. */
export interface RestCall {
  /** The values of `{name}` in the path. */
  params: Readonly<Record<string, string>>;
  /** All is text here, or a list of texts. */
  query: Readonly<Record<string, unknown>>;
  /** Parsed JSON, or the bytes of a file where the route takes one; `{}` where none was sent. */
  body: unknown;
  /** As its caller spelt it, for the audit: `GET /api/device`. */
  call: string;
}

/** An answer in TPEDM's envelope, `{status: true, data, next?}`; 202: it goes on, ask again later. */
export interface RestData {
  status?: 200 | 202;
  data: unknown;
  /** What the next page is asked for with. */
  next?: string | null;
}

/** An answer that is a file. */
export interface RestFile {
  file: string;
  type: string;
  name: string;
}

export type RestAnswer = RestData | RestFile;

/** What the document says of a route, beside what its schemas say. */
interface RouteText {
  /** A few words, unique: the name of the call in generated clients. */
  operationId: string;
  /** The chapter that it stands in. */
  tag: 'Gateways' | 'Files' | 'Commands' | 'Operations' | 'Updates' | 'Tokens' | 'Document';
  summary: string;
  description?: string;
  /** Which errors its caller has to reckon with, beside those that every route has. */
  errors?: readonly TpeErrorCode[];
  /** Of the answer's `data`, as JSON Schema; left out for a file. */
  data?: object;
  /** It has `next`. */
  isPaged?: true;
  /** It may be 202. */
  mayGoOn?: true;
  /** The media types of the answer where it is a file. */
  file?: readonly string[];
  examples?: { body?: unknown; data?: unknown };
}

/** What a call may have as its body. */
export type RouteBody =
  /** `schema` is what the document shows; the handler reads it, with words of its own. */
  { kind: 'json'; schema: object; isRequired: boolean } | { kind: 'file'; types: readonly string[] };

/** One call of REST: a procedure that has an address. */
export interface Route extends Procedure<RestCall, RestAnswer>, RouteText {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the path that tpe-server serves: `/device/{clientid}`. */
  path: string;
  /** Of the query, as JSON Schema. */
  query: QuerySchema;
  body?: RouteBody;
}

type QueryOf<Schema> = Schema extends JSONSchema ? FromSchema<Schema> : never;

/** What the handler gets: the call, with its query as its schema says. */
export interface ReadCall<Query> extends Omit<RestCall, 'query'> {
  query: Query;
}

interface Definition<Schema extends QuerySchema> extends RouteText {
  method: Route['method'];
  path: string;
  role: Role;
  roleFor?(manager: DeviceManager, call: RestCall): Role;
  isCostly?: boolean;
  /** Left out: it takes none. */
  query?: Schema;
  body?: RouteBody;
  /** What it does, as the audit names it; left out: it only reads. */
  action?: string;
  /** What the audit says of it, beside the call and whom it concerns. */
  detail?(call: RestCall, manager: DeviceManager): Record<string, unknown>;
  answer(manager: DeviceManager, call: ReadCall<QueryOf<Schema>>, caller: Caller): Promise<RestAnswer>;
}

const NO_QUERY = { type: 'object', properties: {}, additionalProperties: false } as const;

/** Makes a route whose query is described by a JSON Schema. What a query has beyond that is refused: it would be meant for something. */
export function defineRoute<const Schema extends QuerySchema = typeof NO_QUERY>({
  answer,
  action,
  detail,
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
      audit(call: RestCall, manager: DeviceManager) {
        const told = auditActionOf(action, call);
        return detail === undefined
          ? told
          : { ...told, detail: { ...told.detail, ...detail(call, manager) } };
      },
    }),
  };
}

function adviceOf({ properties }: QuerySchema): string {
  const names = Object.keys(properties);
  return names.length === 0 ? 'This call takes no query.' : `The query takes any of ${names.join(', ')}.`;
}

/** What is told of a body; the rest may be long, or secret. */
const TOLD = ['operation', 'method', 'path'] as const;
/** Of the gateways that a body names. */
const MAX_TOLD = 100;

function auditActionOf(action: string, { call, params, query, body }: RestCall): AuditAction {
  const given = isPlainObject(body) ? body : {};
  const list = Array.isArray(body) ? body : given.clientids;
  const clientids = Array.isArray(list) ? list : null;
  const clientid = params.clientid ?? clientIdOf(given.clientid);
  return {
    action,
    ...(typeof clientid === 'string' && { clientid: clientid.slice(0, 200) }),
    detail: {
      call,
      ...(Object.keys(query).length > 0 && { query }),
      ...Object.fromEntries(TOLD.flatMap((name) => toldText(name, given[name]))),
      ...(clientids !== null && {
        gateways: clientids.length,
        clientids: clientids.slice(0, MAX_TOLD).map(short),
      }),
    },
  };
}

function toldText(name: string, value: unknown): [string, string][] {
  return value === undefined || value === null ? [] : [[name, short(value)]];
}

/** Whatever it is: a long one would take the place of all else that is told. */
function short(value: unknown): string {
  return (typeof value === 'object' ? 'no text' : String(value)).slice(0, 200);
}

/** The body of a route that takes an object. INVALID_INPUT for anything else. */
export function objectIn(body: unknown): Record<string, unknown> {
  if (isPlainObject(body)) return body;
  throw new TpeError('INVALID_INPUT', 'The body must be a JSON object.', { field: 'body' });
}

/** Whether its body is a file, whatever it is said to be. */
export function isFile({ body }: Pick<Route, 'body'>): boolean {
  return body?.kind === 'file';
}

/** What is waited for; null where the manager closes meanwhile. */
export async function unlessClosed<Value>(waiting: Promise<Value>): Promise<Value | null> {
  return await waiting.catch((error: unknown) => {
    if (error instanceof TpeError && error.code === 'CLOSED') return null;
    throw error;
  });
}
