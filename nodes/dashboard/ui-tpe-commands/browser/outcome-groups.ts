import type { AnswerOf } from '../../../api/procedures/index.js';
import type { Reason } from '../../../manager/shared/reason.js';

type Outcome = AnswerOf<'commands.some'>[number];

/** How a command to several gateways stands at one of them, in the order in which a person has to know. */
export const KINDS = [
  'notSent',
  'failed',
  'timedOut',
  'offline',
  'rejected',
  'canceled',
  'waiting',
  'underWay',
  'succeeded',
] as const;
export type Kind = (typeof KINDS)[number];

/** The gateways at which it stands alike, for one reason. */
export interface OutcomeGroup {
  kind: Kind;
  /** Null where there is nothing to say. */
  reason: Reason | null;
  members: { clientid: string; requestId: string | null }[];
}

/** A gateway for which nothing was recorded. */
export interface NotRecorded {
  clientid: string;
  fault: Reason;
}

const OFFLINE = new Set([
  'gateway-offline',
  'gateway-never-connected',
  'gateway-went-offline',
  'nobody-listens',
]);

function kindOf({ state, cause }: Pick<Outcome, 'state' | 'cause'>): Kind {
  switch (state) {
    case 'SUCCEEDED':
      return 'succeeded';
    case 'SENT':
      return 'underWay';
    case 'QUEUED':
      return 'waiting';
    case 'FAILED':
      return 'failed';
    case 'TIMED_OUT':
      return 'timedOut';
    case 'CANCELED':
      return 'canceled';
    default:
      return cause !== null && OFFLINE.has(cause.code) ? 'offline' : 'rejected';
  }
}

/** Groups outcomes by how they stand and why: what needs somebody is first, and of a kind the largest group. */
export function outcomeGroups(
  outcomes: readonly Outcome[],
  notRecorded: readonly NotRecorded[],
): OutcomeGroup[] {
  const groups = new Map<string, OutcomeGroup>();
  const add = (kind: Kind, reason: Reason | null, member: OutcomeGroup['members'][number]) => {
    const key = JSON.stringify([kind, kind === 'offline' ? null : (reason?.text ?? null)]);
    const same = groups.get(key);
    if (same !== undefined) same.members.push(member);
    // Each gateway is offline for a reason of its own, which its command tells.
    else groups.set(key, { kind, reason: kind === 'offline' ? null : reason, members: [member] });
  };
  for (const { clientid, fault } of notRecorded) add('notSent', fault, { clientid, requestId: null });
  for (const outcome of outcomes) {
    const { clientid, requestId, reason, cause, state } = outcome;
    const told = reason === null || state === 'SUCCEEDED' ? null : { text: reason, cause };
    add(kindOf(outcome), told, { clientid, requestId });
  }
  return [...groups.values()].sort(
    (one, other) =>
      KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || other.members.length - one.members.length,
  );
}

/** The number of gateways of each kind, those that succeeded first; kinds without any are left out. */
export function countsOf(groups: readonly OutcomeGroup[]): { kind: Kind; n: number }[] {
  return KINDS.toReversed().flatMap((kind) => {
    const n = groups.reduce((sum, group) => sum + (group.kind === kind ? group.members.length : 0), 0);
    return n > 0 ? { kind, n } : [];
  });
}

/** The gateways at which it has ended without success. */
export function withoutSuccess(groups: readonly OutcomeGroup[]): string[] {
  const isOpen = (kind: Kind) => kind === 'succeeded' || kind === 'underWay' || kind === 'waiting';
  return groups.flatMap(({ kind, members }) => (isOpen(kind) ? [] : members.map(({ clientid }) => clientid)));
}
