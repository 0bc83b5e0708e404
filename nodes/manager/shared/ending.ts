import { setMaxListeners } from 'node:events';

/**
 * What ends with its owner: whoever works for it listens to its signal, and there may be as many as there is work. Node.js
 * warns of a leak at the eleventh listener of a signal, and would do so where eleven callers wait at a time.
 */
export function createEnding(): AbortController {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  return ending;
}
