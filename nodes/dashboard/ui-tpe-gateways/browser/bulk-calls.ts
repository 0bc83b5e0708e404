import type { AnswerOf } from '../../../api/procedures/index.js';
import type { Reason } from '../../../manager/shared/reason.js';
import type { Rpc } from '../../client/composables/use-rpc.js';
import { type Selection, sizeOf, whomOf } from './selection.js';

/** What became of an act on many gateways. */
export interface BulkOutcome {
  done: number;
  failed: { clientid: string; fault: Reason | null }[];
}

const REFRESHED_AT_ONCE = 100;

/** Counts what became of each. */
export function outcomeOf(outcomes: readonly { clientid: string; fault: Reason | null }[]): BulkOutcome {
  const failed = outcomes.filter(({ fault }) => fault !== null);
  return { done: outcomes.length - failed.length, failed };
}

/** Asks each for its profile, so many with one call, since those that are slow to answer hold up the others. */
export async function refreshEach({ call }: Rpc, ids: readonly string[]): Promise<BulkOutcome> {
  const all: BulkOutcome['failed'] = [];
  for (let first = 0; first < ids.length; first += REFRESHED_AT_ONCE) {
    const clientids = ids.slice(first, first + REFRESHED_AT_ONCE);
    all.push(...(await call('gateways.refreshMany', { clientids })));
  }
  return outcomeOf(all);
}

/** What became of the tags of all that match. */
export interface TagOutcome {
  changed: number;
  full: string[];
}

/** Adds or removes a tag of all that are chosen, however many; `tell` gets how many are done. */
export async function tagAll(
  { call }: Rpc,
  selection: Selection,
  change: { add: string[] } | { remove: string[] },
  tell: (done: number) => void,
): Promise<TagOutcome> {
  const input = { filter: whomOf(selection), ...change, confirm: String(sizeOf(selection)) };
  let cursor: string | null = null;
  let done = 0;
  const outcome: TagOutcome = { changed: 0, full: [] };
  do {
    const turn: AnswerOf<'gateways.tagMatching'> = await call('gateways.tagMatching', {
      ...input,
      ...(cursor !== null && { cursor }),
    });
    done += turn.done;
    outcome.changed += turn.changed;
    outcome.full.push(...turn.full);
    cursor = turn.next;
    tell(done);
  } while (cursor !== null);
  return outcome;
}
