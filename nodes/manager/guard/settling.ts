import type { Database, Row } from '../database/database.js';
import type { HoldOwner, SlotEnd } from './guard.js';
import { IS_PRESENT, SESSION_OF } from './hold-row.js';
import { OWNER_NUMBER, type OwnerStandings, standingOf } from './owners.js';

/** Times of giving back, ms. Tests hurry. */
export interface GuardTimes {
  /** So long a gateway is online without a break before its slot comes back: after work that restarts nothing, and after other work. */
  settleMs: number;
  settleRestartMs: number;
  /** A gateway that is not well so long after the end of the work is stuck. */
  stuckMs: number;
  /** So long a slot stays whose owner is not recorded yet. */
  graceMs: number;
  /** How often slots are looked at that nobody has told of. */
  everyMs: number;
  /** A manager that has not looked for so long has lost its turn to others. */
  restMs: number;
}

export const GUARD_TIMES: GuardTimes = {
  settleMs: 20_000,
  // A gateway that restarts without a word is found to be gone within one and a half keepalives, which are 90 s as a rule.
  settleRestartMs: 120_000,
  stuckMs: 1_800_000,
  graceMs: 60_000,
  everyMs: 10_000,
  restMs: 30_000,
};

/** The statements by which slots come back. Each one can run on several managers at once. */
export interface Settling {
  /** The end of an owner's work; resolves with the gateways whose slots came back at once, and how many go on to settle. */
  end(owner: HoldOwner, how: SlotEnd): Promise<{ freed: string[]; settling: number }>;
  /** Notes which gateways are online, and ends what nobody has ended. Resolves with the gateways whose slots came back. */
  look(): Promise<string[]>;
  /** Gives back slots of gateways that are well. */
  free(): Promise<string[]>;
  /** Marks what is stuck from now on; resolves with how many. */
  markStuck(): Promise<number>;
  /** The gateways to watch, and when something is due next, ms from now; null if nothing is held. */
  plan(): Promise<{ clientids: string[]; dueMs: number | null } | null>;
}

export interface SettlingOptions {
  database: Database;
  knowsPresence(): boolean;
  owners: OwnerStandings;
  times: GuardTimes;
}

interface Gateway extends Row {
  clientid: string;
}

const MS = "interval '1 millisecond'";
const PRESENT = IS_PRESENT('presence', '$1::boolean');
const MARK = `case when ${PRESENT} then ${SESSION_OF('presence')} end`;
/** A command that one manager did not send may have been taken over and sent by another one. */
const IS_IN_FLIGHT = `(hold.owner_kind = 'command' and exists (select from tpe_command command
  where command.state = 'SENT' and command.request_id = ${OWNER_NUMBER}))`;
const UNSENT = `
  delete from tpe_guard_hold hold where hold.owner_kind = $1 and hold.owner_id = $2 and hold.state = 'held'
    and not ${IS_IN_FLIGHT}
  returning hold.clientid`;
/** The gateway of a slot; a slot of one that is not registered has none, and is given back by FORGET. */
const OF_GATEWAY = 'presence.clientid = hold.clientid';
const TO_SETTLE = (settleMs: string) => `
  set state = 'settling', ended_at = now(), settle_ms = ${settleMs}, online_mark = ${MARK},
    online_from = case when ${PRESENT} then now() end`;
const ENDED = `
  update tpe_guard_hold hold ${TO_SETTLE('$2::integer')}
  from tpe_presence presence
  where ${OF_GATEWAY} and hold.owner_kind = $3 and hold.owner_id = $4 and hold.state = 'held'
  returning hold.clientid`;
/** A break is seen by another session, also if the gateway was away between two looks only. */
const LOOK = `
  update tpe_guard_hold hold set online_mark = ${MARK}, online_from = case when ${PRESENT} then now() end
  from tpe_presence presence
  where ${OF_GATEWAY} and hold.state = 'settling' and hold.online_mark is distinct from ${MARK}
  returning hold.clientid`;
const IS_WELL = `
  hold.state = 'settling' and hold.stuck_since is null and ${OF_GATEWAY} and hold.online_mark = ${MARK}
  and now() >= hold.online_from + hold.settle_ms * ${MS}`;
const FREE = `
  delete from tpe_guard_hold hold using tpe_presence presence
  where ${IS_WELL}
  returning hold.clientid`;
const STUCK = `
  update tpe_guard_hold hold set stuck_since = now()
  where hold.state = 'settling' and hold.stuck_since is null and hold.ended_at < now() - $1 * ${MS}
  returning hold.clientid`;
const PLAN = `
  select coalesce(array_agg(distinct hold.clientid) filter (where hold.state = 'settling' and hold.stuck_since is null), '{}')
      as clientids, count(*)::integer as holds,
    extract(epoch from min(least(hold.online_from + hold.settle_ms * ${MS}, hold.ended_at + $1 * ${MS}))
      filter (where hold.state = 'settling' and hold.stuck_since is null) - now())::float8 * 1000 as due_ms
  from tpe_guard_hold hold`;

/** Creates the statements on a migrated database. */
export function createSettling(options: SettlingOptions): Settling {
  const { database, knowsPresence, times } = options;
  const standing = standingOf(options.owners);
  // Behind the grace, since the owner may be recorded after its slot was taken.
  const isOld = `hold.since < now() - $1::bigint * ${MS}`;
  const forget = `
    delete from tpe_guard_hold hold where ${isOld} and (
      not exists (select from tpe_presence presence where ${OF_GATEWAY})
      or hold.state = 'held' and ${standing} in ('missing', 'never-sent'))
    returning hold.clientid`;
  const abandoned = `
    update tpe_guard_hold hold ${TO_SETTLE('$2::integer')}
    from tpe_presence presence
    where ${OF_GATEWAY} and hold.state = 'held' and hold.since < now() - $3::bigint * ${MS} and ${standing} = 'unknown'
    returning hold.clientid`;
  const idsOf = (rows: readonly Gateway[]) => rows.map(({ clientid }) => clientid);

  return {
    async end({ kind, id }, how) {
      if (how === 'never-sent')
        return { freed: idsOf(await database.query<Gateway>(UNSENT, [kind, id])), settling: 0 };
      const settleMs = how === 'done' ? times.settleMs : times.settleRestartMs;
      const rows = await database.query(ENDED, [knowsPresence(), settleMs, kind, id]);
      return { freed: [], settling: rows.length };
    },
    async look() {
      const gone = await database.query<Gateway>(forget, [times.graceMs]);
      await database.query(abandoned, [knowsPresence(), times.settleRestartMs, times.graceMs]);
      await database.query(LOOK, [knowsPresence()]);
      return idsOf(gone);
    },
    free: async () => idsOf(await database.query<Gateway>(FREE, [knowsPresence()])),
    markStuck: async () => (await database.query(STUCK, [times.stuckMs])).length,
    async plan() {
      const [row] = await database.query<{ clientids: string[]; holds: number; due_ms: number | null }>(
        PLAN,
        [times.stuckMs],
      );
      return row === undefined || row.holds === 0 ? null : { clientids: row.clientids, dueMs: row.due_ms };
    },
  };
}
