import type { Queryable, Row } from '../database/database.js';
import type { GuardScope, Hold } from './guard.js';
import { HOLD_COLUMNS, type HoldRow, IS_PRESENT, toHold } from './hold-row.js';
import { readLimits } from './limits.js';
import { siteShares } from './site-sizes.js';

/** Where slots of a gateway count; an empty site, model or set is none. */
export interface Place {
  site: string;
  model: string;
  redundancy: string;
}

/** One scope, and which gateways in it are disturbed. */
export interface ScopeState {
  scope: GuardScope;
  value: string;
  max: number;
  /** Client ids that count: those that hold a slot, and in a redundancy set those that are not connected. */
  disturbed: Set<string>;
  holds: Hold[];
  away: { clientid: string; since: string | null }[];
}

/** How slots stand while the transaction has them locked. */
export interface Standing {
  placeOf(clientid: string): Place;
  /** The scopes with a limit in which a gateway counts, those of the fewest gateways first. */
  scopesOf(clientid: string): ScopeState[];
  /** All that are held by a gateway. */
  holdsOf(clientid: string): Hold[];
}

/** As many partners that are away are told. */
const TOLD = 3;
const NOWHERE: Place = { site: '', model: '', redundancy: '' };

const PLACES = `
  select clientid, site, coalesce(model_name, '') as model, redundancy from clientid_profile
  where clientid = any($1::text[])`;
const HOLDS = `select ${HOLD_COLUMNS} from tpe_guard_hold hold order by hold.id`;
/** Of each set no more partners than can matter, since a text may be shared by the whole fleet. */
const AWAY = `
  select wanted.redundancy, partner.clientid, partner.since
  from unnest($1::text[], $2::integer[]) as wanted (redundancy, most)
  cross join lateral (
    select member.clientid, presence.since
    from clientid_profile member left join tpe_presence presence using (clientid)
    where member.redundancy = wanted.redundancy and member.redundancy <> ''
      and ${IS_PRESENT('presence', '$3::boolean')} is not true
      and not exists (select from tpe_guard_hold hold
        where hold.clientid = member.clientid and hold.redundancy = member.redundancy)
    order by member.clientid limit wanted.most) as partner`;

/** Reads how slots stand for these gateways. `knowsPresence`: the broker tells who is connected. */
export async function readStanding(
  transaction: Queryable,
  clientids: readonly string[],
  knowsPresence: boolean,
): Promise<Standing> {
  const rows = await transaction.query<Place & Row & { clientid: string }>(PLACES, [clientids]);
  const places = new Map<string, Place>(rows.map((row) => [row.clientid, row]));
  const placeOf = (clientid: string) => places.get(clientid) ?? NOWHERE;
  const states = new Map<string, ScopeState>();
  const wanting = new Map<ScopeState, number>();
  const wanted = clientids.flatMap((clientid) => keysOf(placeOf(clientid)));
  const limitOf = await readLimits(transaction, distinct(wanted));
  for (const { scope, value } of wanted) {
    const max = limitOf(scope, value) ?? (scope === 'site' ? Number.NaN : null);
    if (max === null) continue;
    const key = `${scope} ${value}`;
    const state = states.get(key) ?? { scope, value, max, disturbed: new Set(), holds: [], away: [] };
    states.set(key, state);
    wanting.set(state, (wanting.get(state) ?? 0) + 1);
  }
  const holds = (await transaction.query<HoldRow>(HOLDS)).map(toHold);
  for (const hold of holds) countIn(states, hold);
  const inScope = (scope: GuardScope) => [...wanting].filter(([state]) => state.scope === scope);
  await readAway(transaction, inScope('set'), knowsPresence);
  await readSizes(
    transaction,
    inScope('site').filter(([{ max }]) => Number.isNaN(max)),
  );
  const byGateway = new Map<string, Hold[]>();
  for (const hold of holds) byGateway.set(hold.clientid, [...(byGateway.get(hold.clientid) ?? []), hold]);
  return {
    placeOf,
    scopesOf: (clientid) =>
      keysOf(placeOf(clientid)).flatMap(({ scope, value }) => states.get(`${scope} ${value}`) ?? []),
    holdsOf: (clientid) => byGateway.get(clientid) ?? [],
  };
}

function keysOf({ site, model, redundancy }: Place): { scope: GuardScope; value: string }[] {
  const named = [
    { scope: 'set' as const, value: redundancy },
    { scope: 'site' as const, value: site },
    { scope: 'model' as const, value: model },
  ];
  return [...named.filter(({ value }) => value !== ''), { scope: 'fleet', value: '' }];
}

function distinct<Key extends { scope: string; value: string }>(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [`${key.scope} ${key.value}`, key])).values()];
}

function countIn(states: ReadonlyMap<string, ScopeState>, hold: Hold): void {
  for (const { scope, value } of keysOf(hold)) {
    const state = states.get(`${scope} ${value}`);
    state?.disturbed.add(hold.clientid);
    state?.holds.push(hold);
  }
}

async function readAway(
  transaction: Queryable,
  sets: readonly [ScopeState, number][],
  knowsPresence: boolean,
): Promise<void> {
  if (sets.length === 0) return;
  const rows = await transaction.query<{ redundancy: string; clientid: string; since: Date | null }>(AWAY, [
    sets.map(([{ value }]) => value),
    sets.map(([{ max }, requests]) => max + requests + TOLD),
    knowsPresence,
  ]);
  const byValue = new Map(sets.map(([state]) => [state.value, state]));
  for (const { redundancy, clientid, since } of rows) {
    const state = byValue.get(redundancy)!;
    state.disturbed.add(clientid);
    state.away.push({ clientid, since: since?.toISOString() ?? null });
  }
}

/** Sets the limits of sites that go by their size. No more of a site is counted than can matter. */
async function readSizes(transaction: Queryable, sites: readonly [ScopeState, number][]): Promise<void> {
  for (const [site] of sites) site.max = 1;
  // One gateway may always go.
  const crowded = sites.filter(([{ disturbed }, requests]) => disturbed.size + requests > 1);
  if (crowded.length === 0) return;
  const shares = await siteShares(
    transaction,
    crowded.map(([{ value, disturbed }, requests]) => ({ site: value, upTo: disturbed.size + requests })),
  );
  for (const [site] of crowded) site.max = shares.get(site.value) ?? 1;
}
