import type { ServerResponse } from 'node:http';

/** Why a request is not served. */
export interface Refusal {
  status: number;
  code: string;
  /** A sentence that says what was wrong and what to do. */
  message: string;
  headers?: Record<string, string>;
  /** Facts for a program, in addition to the code. */
  facts?: Record<string, unknown>;
}

/** Ends the connection with the answer, so that the server does not wait for a body that it will not read. */
export const CLOSE = { connection: 'close' };

/** Answers in the form of all REST answers. Does nothing when an answer has begun or the caller has disconnected. */
export function refuseRest(
  response: ServerResponse,
  { status, code, message, headers = {}, facts }: Refusal,
): void {
  sendJson(response, status, headers, { status: false, data: { code, message, ...facts } });
}

/** Answers in the form of the editor's API. Does nothing when an answer has begun or the caller has disconnected. */
export function refuse(response: ServerResponse, { status, code, message, headers = {} }: Refusal): void {
  sendJson(response, status, headers, { error: message, code });
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
