import type { IncomingMessage } from 'node:http';

export interface BodyBounds {
  mostBytes: number;
  /** How long it may take to come, ms; without it as long as the server allows. */
  withinMs?: number;
}

/** A whole body as UTF-8 text, or why there is none. */
export type Body = { text: string } | { fault: 'too large' | 'too late' | 'cut off' };

/** Reads a body within bounds, and leaves the request at the first one that it breaks; what was read already is empty. Never rejects. */
export function readBody(request: IncomingMessage, { mostBytes, withinMs }: BodyBounds): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (body: Body) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) end({ fault: 'too large' });
      else chunks.push(chunk);
    };
    const onEnd = () => end({ text: Buffer.concat(chunks).toString('utf8') });
    const onClose = () => end({ fault: 'cut off' });
    const timer = withinMs === undefined ? undefined : setTimeout(() => end({ fault: 'too late' }), withinMs);
    request.on('data', onData).on('end', onEnd).on('close', onClose);
    // A connection that breaks off ends in `close` too; without a listener its error would be thrown.
    request.on('error', onClose);
    // Somebody else may have read it to its end before.
    if (request.readableEnded) onEnd();
    else if (request.destroyed) onClose();
  });
}
