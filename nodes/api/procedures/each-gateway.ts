import { someAtOnce } from '../../manager/shared/some-at-once.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { yieldToEventLoop } from '../../manager/shared/yield-to-event-loop.js';
import { confirmationOf } from '../confirmation.js';

/** The result of a request to several gateways, for one of them. */
export interface Outcome {
  clientid: string;
  /** Null: it was done. */
  fault: string | null;
}

const AT_ONCE = 16;

/** Does the same with each gateway, some at once; one that fails keeps no other from it. */
export function eachGateway(
  clientids: readonly string[],
  work: (clientid: string) => Promise<unknown>,
): Promise<Outcome[]> {
  return withEachGateway([...new Set(clientids)], (clientid) =>
    work(clientid).then(
      () => ({ clientid, fault: null }),
      (error: unknown) => ({ clientid, fault: messageOf(error) }),
    ),
  );
}

/** Resolves with the results in the order of the gateways; yields to the event loop in between. `work` never rejects. */
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

/** A destructive request needs a confirmation: the client id, or the number of gateways. Throws CONFLICT without it. */
export function refuseUnlessNamed(confirm: string, clientids: readonly string[]): void {
  if (confirm === confirmationOf(clientids)) return;
  throw new TpeError('CONFLICT', `Confirm it with ${JSON.stringify(confirmationOf(clientids))}.`);
}

/** The target as the audit records it: one gateway or several. */
export function subject(
  clientids: readonly string[],
  detail: Record<string, unknown> = {},
): { clientid?: string; detail: Record<string, unknown> } {
  const [first] = clientids;
  return clientids.length === 1 && first !== undefined
    ? { clientid: first, detail }
    : { detail: { ...detail, gateways: clientids.length, clientids: clientids.slice(0, 100) } };
}
