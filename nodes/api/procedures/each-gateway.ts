import type { Reason } from '../../manager/shared/reason.js';
import { someAtOnce } from '../../manager/shared/some-at-once.js';
import { asTpeError, TpeError } from '../../manager/shared/tpe-error.js';
import { yieldToEventLoop } from '../../manager/shared/yield-to-event-loop.js';
import { callReason } from '../call-reasons.js';
import { confirmationOf } from '../confirmation.js';
import { firstIds } from '../ids-told.js';

/** The result of a request to several gateways, for one of them. */
export interface Outcome {
  clientid: string;
  /** Null if the request succeeded. */
  fault: Reason | null;
}

const AT_ONCE = 16;

/**
 * Calls `work` once for each different client id, at most AT_ONCE at a time. Resolves with one outcome for each. A failure does not affect
 * other gateways.
 */
export function eachGateway(
  clientids: readonly string[],
  work: (clientid: string) => Promise<unknown>,
): Promise<Outcome[]> {
  return withEachGateway([...new Set(clientids)], (clientid) =>
    work(clientid).then(
      () => ({ clientid, fault: null }),
      (error: unknown) => ({ clientid, fault: asTpeError(error).reason }),
    ),
  );
}

/**
 * Calls `work` for each gateway, at most AT_ONCE at a time, and yields to the event loop before each. Resolves with the results in the
 * order of the gateways. `work` must never reject.
 */
export async function withEachGateway<Result>(
  clientids: readonly string[],
  work: (clientid: string) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  await someAtOnce(clientids, AT_ONCE, async (clientid, place) => {
    await yieldToEventLoop();
    results[place] = await work(clientid);
  });
  return results;
}

/** Throws CONFLICT unless `confirm` is the client id of the one gateway, or the number of gateways. For destructive requests. */
export function refuseUnlessNamed(confirm: string, clientids: readonly string[]): void {
  if (confirm === confirmationOf(clientids)) return;
  throw new TpeError('CONFLICT', callReason('confirm-with', { confirmation: confirmationOf(clientids) }));
}

/** The target as the audit records it: the client id of one gateway, or the number of gateways with the first client ids, by all of which it is found. */
export function subject(
  clientids: readonly string[],
  detail: Record<string, unknown> = {},
): { clientid?: string; clientids?: readonly string[]; detail: Record<string, unknown> } {
  const [first] = clientids;
  return clientids.length === 1 && first !== undefined
    ? { clientid: first, detail }
    : {
        clientids,
        detail: { ...detail, gateways: clientids.length, clientids: firstIds(clientids) },
      };
}
