import type { Rating } from '../catalogue/risk.js';
import type { Queryable } from '../database/database.js';
import type { Reason } from '../shared/reason.js';
import type { ExecutionWork } from './execution.js';

/** A stop that is active, as the guard has it. */
export interface ActiveStop {
  scope: 'fleet' | 'site' | 'model' | 'job';
  value: string | null;
  by: string;
}

/** What jobs need of the guard that limits harm. */
export interface JobGuard {
  /** The active stops. With a transaction, a stop holds with its commit for what is claimed in it. */
  stops(transaction: Queryable): Promise<ActiveStop[]>;
  /** Whether what has this rating needs a slot. */
  disturbs(rating: Rating): boolean;
  /**
   * Takes slots in a transaction, `most` at most; the answers are in the order of the requests, null for a slot that is held now, and fewer
   * where no more were wanted.
   */
  takeMany(
    transaction: Queryable,
    requests: readonly { clientid: string; owner: SlotOwner }[],
    most: number,
  ): Promise<(GuardRefusal | null)[]>;
  /** Tells everybody that slots were taken. */
  holdsChanged(): void;
  ended(owner: SlotOwner, how: SlotEnd): Promise<void>;
}

/** What becomes of a gateway when an attempt has ended, as the guard knows it. */
export type SlotEnd = 'never-sent' | 'done' | 'restarts' | 'unknown';

/** Nobody else of the scope gets a slot now, either. */
export interface GuardRefusal {
  scope: 'fleet' | 'site' | 'model' | 'set';
  value: string;
  reason: Reason;
}

export interface SlotOwner {
  kind: 'execution';
  id: string;
}

/** The owner of a slot: an attempt, so that the end of one says nothing of the next. */
export function slotOwner({
  job,
  clientid,
  attempt,
}: Pick<ExecutionWork, 'job' | 'clientid' | 'attempt'>): SlotOwner {
  return { kind: 'execution', id: `${job}/${clientid}/${attempt}` };
}
