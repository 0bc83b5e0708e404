import { setTimeout as delay } from 'node:timers/promises';

/** A costly reading rests for so many times as long as it took, but no longer than this, ms. */
const REST_FACTOR = 4;
const LONGEST_REST_MS = 2000;

/**
 * Makes one reading serve all who ask for it at the same time. Who asks while one is under way gets the next one, because that one may
 * have begun before what the caller has just done. `read` is called for one after the other, with rests of up to `longestRestMs`. The
 * returned function rejects as `read` does; each caller gets a copy, since flows may change what they are given.
 */
export function shareReading<T>(read: () => Promise<T>, longestRestMs = LONGEST_REST_MS): () => Promise<T> {
  let current: Promise<unknown> | null = null;
  let following: Promise<T> | null = null;
  let restUntil = 0;

  function begin(): Promise<T> {
    const begun = performance.now();
    const reading = read();
    const ended = () => {
      const now = performance.now();
      restUntil = now + Math.min(longestRestMs, REST_FACTOR * (now - begun));
      current = null;
    };
    current = reading.then(ended, ended);
    return reading;
  }

  async function follow(): Promise<T> {
    await current;
    const rest = restUntil - performance.now();
    if (rest >= 1) await delay(rest);
    following = null;
    return await begin();
  }

  function shared(): Promise<T> {
    if (current === null && following === null && performance.now() >= restUntil) return begin();
    following ??= follow();
    return following;
  }

  return async () => structuredClone(await shared());
}

/** The most inputs whose readings are shared at a time. */
const MAX_INPUTS = 20;

/** As shareReading, for a reading of which the callers with the same numbers get the same. */
export function shareByInput<T>(
  read: (...input: number[]) => Promise<T>,
): (...input: number[]) => Promise<T> {
  const shared = new Map<string, () => Promise<T>>();
  return (...input) => {
    const key = input.join(' ');
    const known = shared.get(key);
    if (known !== undefined) return known();
    // The one that came first is shared no more; who reads it now still gets it.
    if (shared.size >= MAX_INPUTS) shared.delete(shared.keys().next().value!);
    const reading = shareReading(() => read(...input));
    shared.set(key, reading);
    return reading();
  };
}
