import type { GuardScope, Hold, HoldOwner } from '../../../manager/guard/guard.js';

/** Where slots are counted, in the order of the forms. Listed here too, since the guard's own list comes with what checks it. */
export const GUARD_SCOPES = ['fleet', 'site', 'model', 'set'] as const satisfies readonly GuardScope[];

/** Which slots the table shows: those of one scope and value, or with a blank value all. */
export interface HoldView {
  scope: GuardScope;
  value: string;
}

/** Shows all of them. */
export function wholeHoldView(): HoldView {
  return { scope: 'fleet', value: '' };
}

/** How a slot stands for people: what nobody waits for any longer is stuck. */
export function standOf({ state, stuckSince }: Pick<Hold, 'state' | 'stuckSince'>): Hold['state'] | 'stuck' {
  return stuckSince === null ? state : 'stuck';
}

/** The job and the attempt that an execution is of; of other owners, the id as it is. */
export function ownerParts({ kind, id }: HoldOwner): { id: string; attempt: string } {
  if (kind !== 'execution') return { id, attempt: '' };
  const parts = id.split('/');
  return { id: parts[0] ?? id, attempt: parts.at(-1) ?? '' };
}
