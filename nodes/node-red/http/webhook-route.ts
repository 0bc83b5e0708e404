import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createDeadlines } from '../../manager/shared/deadlines.js';
import { parseJson } from '../../manager/shared/json-bounds.js';
import { messageOf, TpeError, type TpeErrorCode } from '../../manager/shared/tpe-error.js';
import { CLOSE, type Refusal, refuseRest as refuse, sendJson, textOf } from './answers.js';
import { bearerTokenIn } from './bearer-token.js';
import { intercept } from './intercept.js';
import { type Body, receiveBody } from './read-body.js';
import { createServedPaths } from './served-paths.js';

/** The secret with which a webhook came. */
export type WebhookSecretUsed = 'present' | 'previous';

/** Takes the webhooks that arrive on a path. */
export interface WebhookTarget {
  /** Whether a token is the secret, compared in constant time. Null if there is no secret. */
  readonly isSecret: ((token: string) => boolean) | null;
  /** The same for the previous secret, which is valid too while the secret is changed; null most of the time. */
  readonly isPreviousSecret?: ((token: string) => boolean) | null;
  /** Takes a parsed body. Rejects as DeviceManager.takeWebhook does. */
  take(body: unknown, secret: WebhookSecretUsed): Promise<{ outcome: string }>;
  /** Called with the reason, a sentence, when a webhook is refused before its body is read. */
  onTurnedAway?(why: string): void;
}

/** Largest body, bytes. EMQX sends messages of 1 MiB at most by default; base64 and JSON make them larger. */
const MAX_BYTES = 2 * 1024 * 1024;
/** How long a body may take to arrive, ms. EMQX sends it at once. */
const BODY_WITHIN_MS = 10_000;
const RETRY_AFTER_S = '2';
/** How long an idle connection is kept, ms. EMQX keeps its connections, and loses what is on its way when this server closes one first. */
const KEEP_ALIVE_MS = 75_000;

const STATUS: Partial<Record<TpeErrorCode, number>> = {
  INVALID_INPUT: 400,
  UNAVAILABLE: 503,
  BUSY: 503,
  CLOSED: 503,
};

const served = createServedPaths<WebhookTarget>();

/** Lets `target` take the webhooks on `path` until the returned function is called. Null if the path is taken; then nothing changes. */
export function openWebhook(path: string, target: WebhookTarget): (() => void) | null {
  return served.open(path, target);
}

/**
 * Answers 503 on a path for a minute or until it is opened. For the time in which flows start or are deployed: EMQX 5 drops an event after
 * a 404, but sends it again after a 503.
 */
export function holdWebhook(path: string): void {
  served.hold(path);
}

/** Makes the server keep idle connections longer than EMQX does. */
export function keepConnections(server: Pick<Server, 'keepAliveTimeout'>): void {
  // 0 means no limit.
  if (server.keepAliveTimeout === 0 || server.keepAliveTimeout >= KEEP_ALIVE_MS) return;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}

/** A request as body parsers leave it: `_body` tells the parsers behind that the body has been read. */
type ParsedRequest = IncomingMessage & { body?: unknown; _body?: boolean };

/**
 * Middleware that serves the open webhooks and passes everything else on. It checks the secret before it reads the body, and bounds the
 * body.
 */
export const webhookRoute = createWebhookRoute(BODY_WITHIN_MS);

const inFront = new WeakSet<Server>();

/**
 * Takes webhooks before anything else that the server does, because Express would take a third of the time of each. `root` is the root of
 * the HTTP nodes.
 */
export function takeInFront(server: Server, root: string): void {
  if (inFront.has(server)) return;
  inFront.add(server);
  const route = createWebhookRoute(BODY_WITHIN_MS, root.replace(/\/$/, ''));
  intercept(server, { request: route });
}

/** The same with another bound for the time that a body may take, ms, and with another root. */
export function createWebhookRoute(bodyWithinMs: number, root = '') {
  const deadline = createDeadlines(bodyWithinMs);
  return (request: ParsedRequest, response: ServerResponse, next: () => void): void => {
    const whole = pathOf(request);
    if (!whole.startsWith(`${root}/`)) return next();
    const target = served.find(whole.slice(root.length));
    if (target === undefined) return next();
    if (target === null)
      return refuse(response, refusalFor(new TpeError('UNAVAILABLE', 'The flows are just starting.')));
    const turnAway = (refusal: Refusal) => {
      target.onTurnedAway?.(textOf(refusal));
      refuse(response, refusal);
    };
    const secret = secretOf(request, target);
    if (typeof secret !== 'string') return turnAway(secret);
    const refusal = refusalOf(request);
    if (refusal !== null) return turnAway(refusal);
    if (request._body) return answer(response, target, request.body, secret);
    receiveBody(request, { mostBytes: MAX_BYTES, deadline }, (body) => {
      const read = valueIn(body, bodyWithinMs);
      if (read === null) return;
      if ('status' in read) refuse(response, read);
      else answer(response, target, read.value, secret);
    });
  };
}

const TOO_LARGE: Refusal = {
  status: 413,
  code: 'INVALID_INPUT',
  message: `The body is larger than ${MAX_BYTES / 1024 / 1024} MB.`,
  headers: CLOSE,
};

function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The secret with which a webhook came, or why it is refused. Nothing else is checked before. */
function secretOf(
  request: ParsedRequest,
  { isSecret, isPreviousSecret }: WebhookTarget,
): WebhookSecretUsed | Refusal {
  if (request.method !== 'POST') {
    const headers = { allow: 'POST', ...CLOSE };
    return { status: 405, code: 'INVALID_INPUT', message: 'Webhooks must be sent by POST.', headers };
  }
  const token = bearerTokenIn(request.headers);
  if (isSecret === null)
    return unauthorized('The TPE server has no webhook secret yet: webhooks are rejected.');
  if (token === undefined) {
    return unauthorized('The webhook secret is missing: send the header "Authorization: Bearer SECRET".');
  }
  // Both secrets are always compared, so that the time reveals nothing.
  const isPrevious = isPreviousSecret?.(token) ?? false;
  if (isSecret(token)) return 'present';
  if (isPrevious) return 'previous';
  return unauthorized('The webhook secret is wrong.', 'Bearer error="invalid_token"');
}

function refusalOf(request: ParsedRequest): Refusal | null {
  if (request._body) return null;
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    const message = `The body is encoded (${encoding.slice(0, 20)}): send plain JSON.`;
    return { status: 400, code: 'INVALID_INPUT', message, headers: CLOSE };
  }
  return Number(request.headers['content-length'] ?? 0) > MAX_BYTES ? TOO_LARGE : null;
}

function unauthorized(message: string, challenge = 'Bearer'): Refusal {
  const headers = { 'www-authenticate': challenge, ...CLOSE };
  return { status: 401, code: 'UNAUTHORIZED', message, headers };
}

/** The parsed body, or why it is refused; null if the caller has disconnected. */
function valueIn(body: Body, withinMs: number): { value: unknown } | Refusal | null {
  if ('text' in body) return parsed(body.text);
  if (body.fault === 'cut off') return null;
  if (body.fault === 'too large') return TOO_LARGE;
  const message = `The body was not received within ${withinMs / 1000} s.`;
  return { status: 408, code: 'TIMED_OUT', message, headers: CLOSE };
}

function parsed(text: string): { value: unknown } | Refusal {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    const message = `The body is not JSON: ${messageOf(error).slice(0, 200)}`;
    return { status: 400, code: 'INVALID_INPUT', message };
  }
}

function answer(
  response: ServerResponse,
  target: WebhookTarget,
  body: unknown,
  secret: WebhookSecretUsed,
): void {
  target.take(body, secret).then(
    ({ outcome }) => sendJson(response, 200, {}, { status: true, data: { outcome } }),
    (error: unknown) => refuse(response, refusalFor(error)),
  );
}

function refusalFor(error: unknown): Refusal {
  const code = error instanceof TpeError ? error.code : null;
  const status = (code !== null && STATUS[code]) || 500;
  const headers: Record<string, string> = status === 503 ? { 'retry-after': RETRY_AFTER_S } : {};
  return { status, code: code ?? 'ERROR', message: messageOf(error), headers };
}
