import { breathe } from '../../manager/shared/breathe.js';
import { someAtOnce } from '../../manager/shared/some-at-once.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { confirmationOf } from '../confirmation.js';

/** What became of one thing that was asked of several gateways. */
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

/** What came of each, in their order; everything else has its turn meanwhile. `work` never rejects. */
export async function withEachGateway<Result>(
  clientids: readonly string[],
  work: (clientid: string) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  await someAtOnce(clientids, AT_ONCE, async (clientid, place) => {
    await breathe();
    results[place] = await work(clientid);
  });
  return results;
}

/** Who would lose something has to write whose, or how many gateways. CONFLICT. */
export function refuseUnlessNamed(confirm: string, clientids: readonly string[]): void {
  if (confirm === confirmationOf(clientids)) return;
  throw new TpeError('CONFLICT', `Confirm it with ${JSON.stringify(confirmationOf(clientids))}.`);
}

/** Of one gateway or of several, as the audit says it. */
export function subject(
  clientids: readonly string[],
  detail: Record<string, unknown> = {},
): { clientid?: string; detail: Record<string, unknown> } {
  const [first] = clientids;
  return clientids.length === 1 && first !== undefined
    ? { clientid: first, detail }
    : { detail: { ...detail, gateways: clientids.length, clientids: clientids.slice(0, 100) } };
}
