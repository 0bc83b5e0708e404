import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import { createThrottledLog } from '../../manager/shared/throttled-log.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { CLOSE, refuse } from '../http/answers.js';

const MAX_MESSAGE_LENGTH = 300;

interface HttpError {
  status?: unknown;
  type?: unknown;
}

/** Sentences for the types of errors that body parsers and routers throw. */
const SENTENCES: Record<string, (message: string) => string> = {
  'entity.parse.failed': (message) => `The body does not match its content type: ${message}`,
  'entity.too.large': () => 'The body is too large.',
  'charset.unsupported': (message) => `The body cannot be read: ${message}.`,
  'encoding.unsupported': (message) => `The body cannot be read: ${message}.`,
  'request.aborted': () => 'The body was cut off.',
  'request.size.invalid': () => 'The length of the body differs from the header Content-Length.',
};

/**
 * Creates the last error handler of an application, for a body parser or a route that failed. Express itself would answer with the stack
 * and paths of the server, and log both for anybody who sends a broken body. `log` gets the faults of the server only.
 */
export function errorAnswers(log: (text: string) => void): ErrorRequestHandler {
  const tell = createThrottledLog(log);
  return (error: unknown, request, response, _next) => {
    const { status: given, type } = Object(error) as HttpError;
    const status = typeof given === 'number' && given >= 400 && given < 600 ? given : 500;
    if (status >= 500)
      tell(request.path, `${request.method} ${request.path.slice(0, 200)} failed: ${stackOf(error)}`);
    if (response.headersSent) return void request.destroy();
    if (status >= 500) {
      return refuse(response, {
        status,
        code: 'ERROR',
        message: 'Internal error: see the Node-RED log.',
      });
    }
    // Other texts are not sent, because they may name files of the server.
    const sentence = SENTENCES[String(type)]?.(messageOf(error).slice(0, MAX_MESSAGE_LENGTH));
    const message = sentence ?? `This request cannot be served: ${STATUS_CODES[status] ?? status}.`;
    refuse(response, { status, code: 'INVALID_INPUT', message, headers: CLOSE });
  };
}

function stackOf(error: unknown): string {
  return (error instanceof Error && error.stack) || messageOf(error);
}
