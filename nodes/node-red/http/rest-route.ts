import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import parseurl from 'parseurl';
import { type Caller, personOf } from '../../api/caller.js';
import { HTTP_STATUS } from '../../api/http-status.js';
import { type FoundRoute, findRoute } from '../../api/rest/find-route.js';
import { queryIn } from '../../api/rest/query.js';
import type { RestAnswer, RestCall, Route } from '../../api/rest/route.js';
import { runProcedure } from '../../api/run-procedure.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { jsonParts } from '../../manager/shared/json-text.js';
import type { Role } from '../../manager/shared/role.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { createTurns } from '../../manager/shared/turns.js';
import { type Refusal, refuseRest } from './answers.js';
import { isDocs, sendDocs } from './docs-route.js';
import { intercept } from './intercept.js';
import { restBodyOf } from './rest-body.js';
import { sendParts } from './send-parts.js';
import { createServedPaths } from './served-paths.js';

/** Serves REST on a path. */
export interface RestTarget {
  /** The caller by the token of the call, or why the call is refused. */
  callerOf(request: IncomingMessage, call: string, role: Role | null): Promise<Caller> | Caller | Refusal;
  /** Sets the headers that let pages of other hosts read the answers, if Node-RED's settings allow it, then calls `next`. */
  cors?(request: IncomingMessage, response: ServerResponse, next: () => void): void;
  /** The open manager; rejects while there is none. */
  manager(): Promise<DeviceManager>;
  /** Called with an error that is our fault and not the caller's. */
  onFault(error: unknown): void;
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const RETRY_AFTER_S = '5';
const MAX_CALL_LENGTH = 500;
/** Calls that create or read much: those of one person run one after the other. */
const COSTLY = createTurns({ atOnce: 8, atOnceEach: 1, waitingEach: 10 });

/** By the path in small letters. */
const served = createServedPaths<RestTarget>();

/** Serves REST on a path, such as `/api`, until the returned function is called. Null if the path is taken; then nothing changes. */
export function openRest(path: string, target: RestTarget): (() => void) | null {
  return served.open(path.toLowerCase(), target);
}

/** Answers 503 on a path for a minute or until it is opened, because scripts try again after a 503 and give up after a 404. */
export function holdRest(path: string): void {
  served.hold(path.toLowerCase());
}

interface FoundCall extends FoundRoute {
  /** Null while the flows are starting. */
  target: RestTarget | null;
}

/** The call that a request makes; null if nobody serves it. `path` is below the root of the HTTP nodes. */
function callIn(method: string, path: string): FoundCall | null {
  for (const base of served.paths()) {
    if (!path.toLowerCase().startsWith(`${base}/`)) continue;
    const found = findRoute(method, path.slice(base.length));
    if (found !== null) return { ...found, target: served.find(base) ?? null };
  }
  return null;
}

/** The part of a path behind that of REST if it belongs to the page that shows the calls; null if it does not. */
function docsPathIn(method: string, path: string): string | null {
  const base = served
    .paths()
    .find((one) => path.toLowerCase().startsWith(`${one}/`) && isDocs(method, path.slice(one.length)));
  return base === undefined ? null : path.slice(base.length);
}

/** Whether a request is a call of REST that is served here, so that its token must be checked before its body is read. */
export function isServedRest(method: string, path: string): boolean {
  return callIn(method, path) !== null;
}

/** The role that such a call needs; undefined if nobody serves it here. */
export function servedRole(method: string, path: string): Role | null | undefined {
  return callIn(method, path)?.route.role;
}

const inFront = new WeakSet<Server>();

/**
 * Serves REST before anything else that the server does. `root` is the root of the HTTP nodes. Does nothing when called again for a server.
 */
export function serveRestInFront(server: Server, root: string): void {
  if (inFront.has(server)) return;
  inFront.add(server);
  intercept(server, { request: createRestRoute(root.replace(/\/$/, '')) });
}

/** The same as middleware, mounted at the root of the HTTP nodes. */
export const restRoute = createRestRoute('');

function createRestRoute(root: string) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const url = request.url ?? '/';
    // A request may have a whole URL, with the host in it.
    const whole = parseurl(request)?.pathname ?? '/';
    if (!whole.startsWith(`${root}/`)) return next();
    const docs = docsPathIn(request.method ?? 'GET', whole.slice(root.length));
    if (docs !== null) return showDocs(request, response, docs);
    const found = callIn(request.method ?? 'GET', whole.slice(root.length));
    if (found === null) return next();
    const call = `${request.method} ${whole.slice(root.length, root.length + MAX_CALL_LENGTH)}`;
    found.target?.cors?.(request, response, () => undefined);
    serve(request, response, found, { call, url }).catch((error: unknown) => {
      found.target?.onFault(error);
      refuseRest(response, { status: 500, code: 'ERROR', message: messageOf(error) });
    });
  };
}

function showDocs(request: IncomingMessage, response: ServerResponse, path: string): void {
  // The error is not sent, because it names the folder of the files.
  sendDocs(request, response, path).catch(() => {
    refuseRest(response, {
      status: 500,
      code: 'ERROR',
      message: 'The files of this page are missing: build the pack.',
    });
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { route, params, target }: FoundCall,
  { call, url }: { call: string; url: string },
): Promise<void> {
  if (target === null)
    return refuseRest(response, refusalFor(new TpeError('UNAVAILABLE', 'The flows are just starting.')));
  const who = () => target.callerOf(request, call, route.role);
  const first = await who();
  if ('status' in first) return refuseRest(response, first);
  const read = await restBodyOf(request, route);
  if ('refusal' in read) return refuseRest(response, read.refusal);
  // A token may have been revoked while the body arrived.
  const caller = route.body === undefined ? first : await who();
  if ('status' in caller) return refuseRest(response, caller);
  const work = async () => {
    const headers = headersFor(route, request);
    const given = route.parse({ call, query: queryIn(url), params, headers, body: read.body });
    await send(response, await runProcedure(route, given, caller, () => target.manager()));
  };
  try {
    await (route.isCostly ? COSTLY.run(personOf(caller), work) : work());
  } catch (error) {
    if (!(error instanceof TpeError)) throw error;
    refuseRest(response, refusalFor(error));
  }
}

/** The headers of a request that the route takes. */
function headersFor({ headers = [] }: Route, { headers: given }: IncomingMessage): RestCall['headers'] {
  const found = headers.map((name) => [name, given[name]] as const);
  return Object.fromEntries(found.filter(([, value]) => typeof value === 'string'));
}

async function send(response: ServerResponse, answer: RestAnswer): Promise<void> {
  if ('file' in answer) {
    const headers = {
      ...HEADERS,
      'content-type': answer.type,
      'content-disposition': `attachment; filename="${answer.name}"`,
    };
    return await sendParts(
      response,
      200,
      headers,
      typeof answer.file === 'string' ? pieces(answer.file) : answer.file,
    );
  }
  const { status = 200, data, next } = answer;
  const envelope = { status: true, data: data ?? null, ...(next && { next }) };
  await sendParts(response, status, HEADERS, jsonParts(envelope));
}

const PIECE = 256 * 1024;

async function* pieces(text: string): AsyncGenerator<string> {
  for (let begin = 0; begin < text.length; ) {
    const end = begin + PIECE;
    // Keeps the two halves of a surrogate pair together.
    const isSplit = /[\ud800-\udbff]/.test(text.charAt(end - 1));
    const next = isSplit ? end - 1 : end;
    yield text.slice(begin, next);
    begin = next;
  }
}

function refusalFor({ code, reason, details }: TpeError): Refusal {
  const status = HTTP_STATUS[code];
  const { requestId, state } = details;
  const headers = { ...HEADERS, ...(status === 503 && { 'retry-after': RETRY_AFTER_S }) };
  const facts = { requestId, state };
  return { status, code, message: reason, headers, ...(requestId !== undefined && { facts }) };
}
