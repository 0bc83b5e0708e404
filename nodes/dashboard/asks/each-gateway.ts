import { messageOf, TpeError } from '../../manager/tpe-error.js';

/** What became of one thing that was asked of several gateways. */
export interface Outcome {
  clientid: string;
  /** Null: it was done. */
  fault: string | null;
}

const AT_ONCE = 8;

/** Does the same with each gateway, some at once; one that fails keeps no other from it. */
export async function eachGateway(
  clientids: readonly string[],
  work: (clientid: string) => Promise<unknown>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = [...new Set(clientids)].entries();
  const worker = async () => {
    for (const [place, clientid] of left) {
      const fault = await work(clientid).then(
        () => null,
        (error: unknown) => messageOf(error),
      );
      outcomes[place] = { clientid, fault };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcomes;
}

/** Who would lose something has to write whose, or how many gateways. CONFLICT. */
export function refuseUnlessNamed(confirm: string, clientids: readonly string[]): void {
  if (confirm === confirmationOf(clientids)) return;
  throw new TpeError('CONFLICT', `Confirm it with ${JSON.stringify(confirmationOf(clientids))}.`);
}

/** What has to be written to confirm: the client id of one gateway, the number of several. */
export function confirmationOf(clientids: readonly string[]): string {
  return clientids.length === 1 ? clientids[0]! : String(clientids.length);
}
