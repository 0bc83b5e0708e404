import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves after so many ms, or as soon as the signal is aborted; never rejects. A caller that has to stop then must look at the signal.
 * With `ref: false`, the process may end meanwhile.
 */
export async function pause(
  ms: number,
  { signal, ref = true }: { signal?: AbortSignal | undefined; ref?: boolean } = {},
): Promise<void> {
  await delay(ms, undefined, { ref, ...(signal && { signal }) }).catch(() => undefined);
}
