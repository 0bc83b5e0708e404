import type { Queryable } from '../database/database.js';
import type { Reason } from '../shared/reason.js';
import type { Hold, SlotAnswer, SlotRefusal, SlotRequest } from './guard.js';
import { guardReason } from './guard-reasons.js';
import { lockSlots } from './limits.js';
import { ownerInWords } from './owners.js';
import { readStanding, type ScopeState, type Standing } from './scope-state.js';

/** A slot that was taken again while the gateway was settling is held as before. */
const INSERT = `
  insert into tpe_guard_hold as hold (clientid, owner_kind, owner_id, site, model, redundancy)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
  on conflict (clientid, owner_kind, owner_id) do update
    set state = 'held', since = now(), ended_at = null, settle_ms = null, online_from = null, online_mark = null, stuck_since = null,
      site = excluded.site, model = excluded.model, redundancy = excluded.redundancy`;

/** As many holders are told. */
const TOLD = 3;

/** Takes slots, as `takeMany` of Guard. */
export async function takeSlots(
  transaction: Queryable,
  requests: readonly SlotRequest[],
  knowsPresence: boolean,
  most = Number.POSITIVE_INFINITY,
): Promise<SlotAnswer[]> {
  if (requests.length === 0) return [];
  await lockSlots(transaction);
  // Only a statement that begins behind the lock sees what others have committed before.
  const clientids = [...new Set(requests.map(({ clientid }) => clientid))];
  const standing = await readStanding(transaction, clientids, knowsPresence);
  const granted: SlotRequest[] = [];
  const own = new Set<string>();
  const answerTo = (request: SlotRequest): SlotAnswer => {
    if (own.has(keyOf(request))) return null;
    // A gateway that is disturbed already needs no other slot, whatever its partners do meanwhile.
    const refusal = isHeld(standing, request) ? null : refusalOf(standing, request.clientid);
    if (refusal !== null) return refusal;
    own.add(keyOf(request));
    granted.push(request);
    count(standing, request);
    return null;
  };
  const answers: SlotAnswer[] = [];
  let taken = 0;
  for (const request of requests) {
    if (taken >= most) break;
    const answer = answerTo(request);
    if (answer === null) taken += 1;
    answers.push(answer);
  }
  if (granted.length > 0) await insert(transaction, standing, granted);
  return answers;
}

async function insert(transaction: Queryable, standing: Standing, granted: readonly SlotRequest[]) {
  const places = granted.map(({ clientid }) => standing.placeOf(clientid));
  await transaction.query(INSERT, [
    granted.map(({ clientid }) => clientid),
    granted.map(({ owner }) => owner.kind),
    granted.map(({ owner }) => owner.id),
    places.map(({ site }) => site),
    places.map(({ model }) => model),
    places.map(({ redundancy }) => redundancy),
  ]);
}

function keyOf({ clientid, owner }: SlotRequest): string {
  return JSON.stringify([clientid, owner.kind, owner.id]);
}

function isHeld(standing: Standing, { clientid }: SlotRequest): boolean {
  return standing.holdsOf(clientid).some(({ state }) => state === 'held');
}

/** Those that come behind in the same call count it too. */
function count(standing: Standing, { clientid, owner }: SlotRequest): void {
  const since = new Date().toISOString();
  const hold: Hold = {
    ...{ id: '0', clientid, owner, state: 'held', since, endedAt: null, stuckSince: null },
    ...standing.placeOf(clientid),
  };
  for (const scope of standing.scopesOf(clientid)) {
    scope.disturbed.add(clientid);
    scope.holds.push(hold);
  }
}

/** Null if the gateway may be disturbed: in each scope, fewer *others* than the limit are. */
function refusalOf(standing: Standing, clientid: string): SlotRefusal | null {
  for (const state of standing.scopesOf(clientid)) {
    const others = state.disturbed.size - (state.disturbed.has(clientid) ? 1 : 0);
    if (others >= state.max) return toRefusal(state, clientid, others);
  }
  return null;
}

function toRefusal(state: ScopeState, clientid: string, others: number): SlotRefusal {
  const { scope, value, max } = state;
  const firsts = new Map<string, Hold>();
  for (const hold of state.holds) {
    if (firsts.size >= TOLD) break;
    if (hold.clientid !== clientid && !firsts.has(hold.clientid)) firsts.set(hold.clientid, hold);
  }
  const holders = [...firsts.values()].map((hold) => ({
    ...{ clientid: hold.clientid, owner: hold.owner, state: hold.state },
    ...{ since: hold.since, stuckSince: hold.stuckSince },
  }));
  const away = state.away.filter((one) => one.clientid !== clientid).slice(0, TOLD);
  const reason = reasonOf({ scope, value, max, holders, away }, others);
  return { scope, value, max, holders, away, reason };
}

function reasonOf({ scope, value, max, holders, away }: Omit<SlotRefusal, 'reason'>, count: number): Reason {
  const [first] = holders;
  if (first === undefined) {
    const [partner] = away;
    const named = { clientid: partner?.clientid ?? '', set: value };
    const since = partner?.since ?? null;
    if (since === null) return guardReason('guard-partner-never-seen', named);
    return guardReason('guard-partner-offline', { ...named, since });
  }
  const holder = { clientid: first.clientid, owner: ownerInWords(first.owner) };
  if (scope === 'site') return guardReason('guard-site-full', { site: value, count, max, ...holder });
  if (scope === 'model') return guardReason('guard-model-full', { model: value, count, max, ...holder });
  if (scope === 'fleet') return guardReason('guard-fleet-full', { count, max, ...holder });
  if (first.stuckSince !== null) return guardReason('guard-set-stuck', { set: value, ...holder });
  if (first.state === 'settling') return guardReason('guard-set-settling', { set: value, ...holder });
  return guardReason('guard-set-held', { set: value, ...holder });
}
