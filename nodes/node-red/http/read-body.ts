import type { IncomingMessage } from 'node:http';
import type { Deadline } from '../../manager/shared/deadlines.js';

export interface BodyBounds {
  mostBytes: number;
  /** By when the body must have arrived; without it, it takes as long as the server allows. */
  deadline?: Deadline;
}

export interface BodyFault {
  fault: 'too large' | 'too late' | 'cut off';
}

/** The whole body as UTF-8 text, or why there is none. */
export type Body = { text: string } | BodyFault;

/** As readBytes, for text. Never rejects. */
export function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Body> {
  return new Promise((resolve) => receiveBody(request, bounds, resolve));
}

/**
 * Reads a body within bounds. Stops reading when a bound is exceeded, and leaves the request as it is then. A body that was read before is
 * empty. Never rejects.
 */
export function readBytes(
  request: IncomingMessage,
  bounds: BodyBounds,
): Promise<{ bytes: Buffer } | BodyFault> {
  return new Promise((resolve) =>
    receive(request, bounds, (chunks) =>
      resolve('fault' in chunks ? chunks : { bytes: Buffer.concat(chunks) }),
    ),
  );
}

/** As readBody, for requests that are so many that a promise for each counts. Calls `done` once. */
export function receiveBody(request: IncomingMessage, bounds: BodyBounds, done: (body: Body) => void): void {
  receive(request, bounds, (chunks) => done('fault' in chunks ? chunks : { text: textOf(chunks) }));
}

/** Most bodies are one chunk. */
function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  return (only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)).toString('utf8');
}

function receive(
  request: IncomingMessage,
  { mostBytes, deadline }: BodyBounds,
  done: (chunks: Buffer[] | BodyFault) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const end = (body: Buffer[] | BodyFault) => {
    if (isOver) return;
    isOver = true;
    inTime?.();
    if ('fault' in body) request.off('data', onData);
    done(body);
  };
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > mostBytes) end({ fault: 'too large' });
    else chunks.push(chunk);
  };
  const onEnd = () => end(chunks);
  const onClose = () => end({ fault: 'cut off' });
  const inTime = deadline?.(() => end({ fault: 'too late' }));
  // The listeners of a request that has ended go with it. A connection that breaks off also emits `close`; without a listener, its error
  // would be thrown.
  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  // Another reader may have read the body to its end before.
  if (request.readableEnded) onEnd();
  else if (request.destroyed) onClose();
}
