import type { ServerResponse } from 'node:http';

/** Why a request is not served. */
export interface Refusal {
  status: number;
  code: string;
  /** What was wrong and what to do, in a sentence. */
  message: string;
  headers?: Record<string, string>;
  /** What a program may go by, beside the code. */
  facts?: Record<string, unknown>;
}

/** A body that is not read is not waited for either: the connection ends with the answer. */
export const CLOSE = { connection: 'close' };

/** Answers in the form of all REST answers. Does nothing where an answer has begun, or the caller is gone. */
export function refuseRest(
  response: ServerResponse,
  { status, code, message, headers = {}, facts }: Refusal,
): void {
  sendJson(response, status, headers, { status: false, data: { code, message, ...facts } });
}

/** Answers in the form of the editor's API. Does nothing where an answer has begun, or the caller is gone. */
export function refuse(response: ServerResponse, { status, code, message, headers = {} }: Refusal): void {
  sendJson(response, status, headers, { error: message, code });
}

/** Sends a body as JSON, unless an answer has begun or the caller is gone. */
export function sendJson(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: object,
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}
