import type { ServerResponse } from 'node:http';
import type { Cause, Reason } from '../../manager/shared/reason.js';

/** Why a request is not served. */
export interface Refusal {
  status: number;
  code: string;
  /** A sentence that says what was wrong and what to do. Of a reason, programs get the cause too. */
  message: string | Reason;
  headers?: Record<string, string>;
  /** Facts for a program, in addition to the code. */
  facts?: Record<string, unknown>;
}

/** Ends the connection with the answer, so that the server does not wait for a body that it will not read. */
export const CLOSE = { connection: 'close' };

/** The sentence of a refusal. */
export function textOf({ message }: Refusal): string {
  return typeof message === 'string' ? message : message.text;
}

/** Answers in the form of all REST answers. Does nothing when an answer has begun or the caller has disconnected. */
export function refuseRest(
  response: ServerResponse,
  { status, code, message, headers = {}, facts }: Refusal,
): void {
  sendJson(response, status, headers, { status: false, data: { code, ...told(message), ...facts } });
}

/** Answers in the form of the editor's API. Does nothing when an answer has begun or the caller has disconnected. */
export function refuse(response: ServerResponse, { status, code, message, headers = {} }: Refusal): void {
  const { message: error, ...cause } = told(message);
  sendJson(response, status, headers, { error, code, ...cause });
}

function told(message: string | Reason): { message: string; cause?: Cause } {
  if (typeof message === 'string') return { message };
  return { message: message.text, ...(message.cause && { cause: message.cause }) };
}

/** Sends a body as JSON. Does nothing when an answer has begun or the caller has disconnected. */
export function sendJson(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: object,
): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
  });
  // As text, Node.js joins it to the headers; bytes would be a piece of their own.
  response.end(text);
}
