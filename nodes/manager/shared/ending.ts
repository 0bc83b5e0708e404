import { setMaxListeners } from 'node:events';

/**
 * Creates the controller whose signal ends all work of its owner. The signal may have any number of listeners: Node.js would warn of a leak
 * at the eleventh, although eleven callers may well wait at a time.
 */
export function createEnding(): AbortController {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  return ending;
}
