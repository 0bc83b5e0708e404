import type { IncomingMessage } from 'node:http';

export interface BodyBounds {
  mostBytes: number;
  /** How long the body may take to arrive, ms; without it, as long as the server allows. */
  withinMs?: number;
}

export interface BodyFault {
  fault: 'too large' | 'too late' | 'cut off';
}

/** The whole body as UTF-8 text, or why there is none. */
export type Body = { text: string } | BodyFault;

/** As readBytes, for text. Never rejects. */
export async function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Body> {
  const body = await readBytes(request, bounds);
  return 'bytes' in body ? { text: body.bytes.toString('utf8') } : body;
}

/**
 * Reads a body within bounds. Stops reading when a bound is exceeded, and leaves the request as it is then. A body that was read before is
 * empty. Never rejects.
 */
export function readBytes(
  request: IncomingMessage,
  { mostBytes, withinMs }: BodyBounds,
): Promise<{ bytes: Buffer } | BodyFault> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (body: { bytes: Buffer } | BodyFault) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) end({ fault: 'too large' });
      else chunks.push(chunk);
    };
    const onEnd = () => end({ bytes: Buffer.concat(chunks) });
    const onClose = () => end({ fault: 'cut off' });
    const timer = withinMs === undefined ? undefined : setTimeout(() => end({ fault: 'too late' }), withinMs);
    request.on('data', onData).on('end', onEnd).on('close', onClose);
    // A connection that breaks off also emits `close`; without a listener, its error would be thrown.
    request.on('error', onClose);
    // Another reader may have read the body to its end before.
    if (request.readableEnded) onEnd();
    else if (request.destroyed) onClose();
  });
}
