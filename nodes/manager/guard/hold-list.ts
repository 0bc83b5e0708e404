import type { Database } from '../database/database.js';
import { badField } from '../shared/invalid-input.js';
import { type Page, pageById } from '../shared/page.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import {
  type GuardCounts,
  type Hold,
  type HoldQuery,
  parseHoldQuery,
  parseRelease,
  type Release,
} from './guard.js';
import { guardReason } from './guard-reasons.js';
import { HOLD_COLUMNS, type HoldRow, toHold } from './hold-row.js';
import { ownerInWords } from './owners.js';

/** Slots as people see them. */
export interface HoldList {
  list(query: HoldQuery): Promise<Page<Hold>>;
  release(release: Release): Promise<Hold>;
  counts(): Promise<GuardCounts>;
}

const LIST = `
  select ${HOLD_COLUMNS} from tpe_guard_hold hold
  where case $1 when 'site' then hold.site = $2 when 'model' then hold.model = $2 when 'set' then hold.redundancy = $2
      else true end
    and ($3::bigint is null or hold.id < $3)
  order by hold.id desc limit $4`;
const RELEASE = `
  delete from tpe_guard_hold hold where hold.clientid = $1 and hold.owner_kind = $2 and hold.owner_id = $3
  returning ${HOLD_COLUMNS}`;
const COUNTS = `
  select (select count(*) from tpe_stop where lifted_at is null)::integer as stops,
    count(distinct clientid)::integer as fleet,
    count(distinct site) filter (where site <> '')::integer as site,
    count(distinct model) filter (where model <> '')::integer as model,
    count(distinct redundancy) filter (where redundancy <> '')::integer as set,
    count(stuck_since)::integer as stuck
  from tpe_guard_hold`;

/** Opens the list on a migrated database. */
export function createHoldList(database: Database): HoldList {
  return {
    async list(query) {
      const { scope = 'fleet', value = null, before = null, limit = 50 } = parseHoldQuery(query);
      if (scope === 'fleet' && value !== null) throw badField('value', 'left out for the fleet');
      if (scope !== 'fleet' && value === null) throw badField('value', `the ${scope} whose slots are listed`);
      if (!isStorable(value ?? '')) return { items: [], next: null };
      const rows = await database.query<HoldRow>(LIST, [scope, value, before, limit]);
      return pageById(rows.map(toHold), limit, ({ id }) => id);
    },
    async release(given) {
      const { clientid, owner } = parseRelease(given);
      const isKnowable = isStorable(clientid) && isStorable(owner.id);
      const rows = isKnowable ? await database.query<HoldRow>(RELEASE, [clientid, owner.kind, owner.id]) : [];
      if (rows[0] !== undefined) return toHold(rows[0]);
      const reason = guardReason('slot-unknown', { clientid, owner: ownerInWords(owner) });
      throw new TpeError('NOT_FOUND', reason, { clientid });
    },
    counts: async () => (await database.query<GuardCounts & { [name: string]: unknown }>(COUNTS))[0]!,
  };
}
