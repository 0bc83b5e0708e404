import type { IncomingMessage } from 'node:http';

/**
 * Reads a body as UTF-8 text. `done` is called once with the text, or with null when it is larger than `most` bytes; never when
 * the caller goes away first.
 */
export function readText(request: IncomingMessage, most: number, done: (text: string | null) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const stop = () => request.off('data', onData).off('end', onEnd).off('close', stop);
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) return void chunks.push(chunk);
    stop();
    done(null);
  };
  const onEnd = () => {
    stop();
    done(Buffer.concat(chunks).toString('utf8'));
  };
  request.on('data', onData).on('end', onEnd).on('close', stop);
  // A connection that breaks off ends in `close` too; without a listener its error would be thrown.
  request.on('error', stop);
}
