import { TpeError } from './tpe-error.js';

function closing(): TpeError {
  return new TpeError('CLOSED', 'The device manager is closing.');
}

/** Throws CLOSED if the manager closes. */
export function throwIfClosed(signal: AbortSignal): void {
  if (signal.aborted) throw closing();
}

/** Resolves or rejects as `working` does, but rejects with CLOSED as soon as the manager closes. */
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
