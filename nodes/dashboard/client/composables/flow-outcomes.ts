import type { Cause, Reason } from '../../../manager/shared/reason.js';

/** The results for gateways as the flow gets them: the fault as a text, with its cause beside it. */
export function flowOutcomes<Outcome extends { fault: Reason | null }>(
  outcomes: readonly Outcome[],
): (Omit<Outcome, 'fault'> & { fault: string | null; cause: Cause | null })[] {
  return outcomes.map(({ fault, ...outcome }) => ({
    ...outcome,
    fault: fault?.text ?? null,
    cause: fault?.cause ?? null,
  }));
}
