import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import { backoffMs, SPREAD_OUT } from '../../shared/backoff.js';
import { createEnding } from '../../shared/ending.js';
import { jsonIn } from '../../shared/json-bounds.js';
import { createInTurns } from '../../shared/limiter.js';
import { pause } from '../../shared/pause.js';
import { TpeError } from '../../shared/tpe-error.js';
import { answerWords, callWords, codeOf } from './error-text.js';
import type { EmqxTarget } from './target.js';

export interface EmqxCall {
  method: 'GET' | 'POST' | 'DELETE';
  /** The path below the place, with its query: `/api/v5/clients?limit=1`. */
  path: string;
  body?: unknown;
  /** True if a second call does no harm, so that it is repeated after a lost connection. */
  isRepeatable: boolean;
  /** The statuses that the caller handles; any other is a fault. */
  understands: readonly number[];
}

export interface EmqxAnswer {
  status: number;
  /** The parsed JSON of the answer; undefined if it has none. */
  body: unknown;
}

export interface EmqxHttp {
  readonly place: string;
  /** Rejects with UNAVAILABLE if no answer came or its status is not one of `understands`, and with BUSY if too many calls wait. */
  call(call: EmqxCall): Promise<EmqxAnswer>;
  /** Creates the error for an answer whose status is fine, but whose body is not what the call should return. */
  senseless(call: EmqxCall, status: number): TpeError;
  /** Aborts the calls that run; later ones are refused. */
  close(): void;
}

export interface EmqxHttpLimits {
  answerWithinMs: number;
  /** The largest answer in bytes: 10,000 clients of EMQX 4 take 10 MB. */
  mostBytes: number;
}

const LIMITS: EmqxHttpLimits = { answerWithinMs: 10_000, mostBytes: 64 * 1024 * 1024 };
const AT_ONCE = 10;
const MAX_WAITING = 10_000;
/** EMQX closes an idle connection after 60 s. Closing it earlier here means that no call runs into that. */
const IDLE_MS = 30_000;
const TRIES = 3;
const BACKOFF = { firstMs: 200, spread: SPREAD_OUT };
/** With these codes nothing was sent, so even a publish may be tried again. */
const NOT_SENT = ['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
/** With these codes EMQX may or may not have done what the call asks for. */
const CUT_OFF = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT'];
const NOT_READY = [429, 502, 503, 504];

/**
 * Creates the HTTP client of EMQX's REST API. It keeps connections open, makes few calls at once, and bounds the time and the answer of
 * each. `onFault` is called for each attempt that fails and each answer that makes no sense, except while closing.
 */
export function createEmqxHttp(
  target: EmqxTarget,
  onFault: () => void,
  limits: EmqxHttpLimits = LIMITS,
): EmqxHttp {
  const { place, key, secret, tls } = target;
  const inTurns = createInTurns(AT_ONCE, MAX_WAITING, limits.answerWithinMs);
  const running = new Set<AbortController>();
  const closing = createEnding();
  const keepAlive = { keepAlive: true, maxSockets: AT_ONCE, timeout: IDLE_MS };
  const httpAgent = new HttpAgent(keepAlive);
  const httpsAgent = new HttpsAgent({ ...keepAlive, ...tls });
  const client = axios.create({
    auth: { username: key, password: secret },
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: limits.mostBytes,
    responseType: 'text',
    // The answer is parsed here whatever its content type, so axios must not.
    transformResponse: (text) => text,
    validateStatus: null,
  });

  /** Creates the error of a call. It does not carry the error of axios, which holds the secret. */
  function fault(words: string, details: Record<string, unknown> = {}): TpeError {
    if (!closing.signal.aborted) onFault();
    return new TpeError('UNAVAILABLE', `EMQX at ${place}: ${words}.`, details);
  }

  async function once(call: EmqxCall): Promise<EmqxAnswer> {
    if (closing.signal.aborted) throw fault('the device manager is closing');
    const abort = createEnding();
    running.add(abort);
    let isLate = false;
    // This bounds the whole call: a server that sends a byte now and then could otherwise keep it open for ever.
    const timer = setTimeout(() => {
      isLate = true;
      abort.abort();
    }, limits.answerWithinMs);
    try {
      const { status, headers, data } = await client.request<unknown>({
        method: call.method,
        url: `${place}${call.path}`,
        data: call.body === undefined ? undefined : JSON.stringify(call.body),
        headers: call.body === undefined ? {} : { 'content-type': 'application/json' },
        signal: abort.signal,
      });
      const text = typeof data === 'string' ? data : '';
      if (call.understands.includes(status)) return { status, body: jsonIn(text) };
      throw fault(answerWords(nameOf(call), status, { location: headers.location }, text), { status });
    } catch (error) {
      if (error instanceof TpeError) throw error;
      if (isLate) throw fault(`no answer to ${nameOf(call)} within ${limits.answerWithinMs / 1000} s`);
      if (closing.signal.aborted) throw fault('the device manager is closing');
      throw fault(callWords(error), { code: codeOf(error) });
    } finally {
      clearTimeout(timer);
      running.delete(abort);
    }
  }

  async function untilAnswered(call: EmqxCall): Promise<EmqxAnswer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await once(call);
      } catch (error) {
        if (tries === TRIES || !mayTryAgain(call, error)) throw error;
      }
      await pause(backoffMs(tries - 1, BACKOFF), { signal: closing.signal });
    }
  }

  return {
    place,
    call: (call) =>
      inTurns(() => untilAnswered(call)).catch((error: unknown) => {
        if (error instanceof TpeError && error.code === 'BUSY')
          throw new TpeError('BUSY', `EMQX at ${place}: ${error.message}`);
        throw error;
      }),
    senseless: (call, status) => fault(answerWords(nameOf(call), status, {}, ''), { status }),
    close() {
      closing.abort();
      for (const abort of running) abort.abort();
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** True if nothing of the call reached EMQX, so that any call may be made to another node. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof TpeError && NOT_SENT.includes(String(error.details.code));
}

function mayTryAgain(call: EmqxCall, error: unknown): boolean {
  if (wasNotSent(error)) return true;
  if (!(error instanceof TpeError)) return false;
  const code = String(error.details.code);
  return call.isRepeatable && (CUT_OFF.includes(code) || NOT_READY.includes(Number(error.details.status)));
}

/** Names a call for a person, without its query, whose cursors and client ids would not help. */
function nameOf({ method, path }: EmqxCall): string {
  return `${method} ${path.replace(/\?.*/s, '')}`;
}
