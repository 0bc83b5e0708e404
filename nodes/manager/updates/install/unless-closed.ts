import { TpeError } from '../../shared/tpe-error.js';

function closing(): TpeError {
  return new TpeError('CLOSED', 'The device manager is closing.');
}

/** CLOSED where the manager closes. */
export function throwIfClosed(signal: AbortSignal): void {
  if (signal.aborted) throw closing();
}

/** What takes long is not waited for when the manager closes: rejects with CLOSED then. */
export async function unlessClosed<T>(signal: AbortSignal, working: Promise<T>): Promise<T> {
  throwIfClosed(signal);
  let onAbort = () => {};
  const closed = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(closing());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  working.catch(() => undefined);
  try {
    return await Promise.race([working, closed]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
