import type { Row } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import type { AlarmRule, RuleKind } from '../alarm-rule.js';
import type { Condition, ConditionSource, LookContext, OpenAlarm, Standing } from '../condition.js';
import { dueBefore, hasNoneOpen, isWatched, type Statement, statement } from './statement.js';

/** What a statement finds of a gateway. */
export interface Found<Facts> {
  clientid: string;
  since: Date;
  facts: Facts;
}

/** How one kind of alarms of gateways is found. */
export interface GatewayKind<Facts> {
  kind: RuleKind;
  /** Whether nothing can be said while presence is not known. */
  needsPresence: boolean;
  /**
   * SQL of the columns `clientid`, `since` (since when it is so) and `facts` (jsonb), of gateways of which it is so; it costs what it finds.
   * Null: none can be due now.
   */
  bad(context: LookContext, rule: AlarmRule, statement: Statement): string | null;
  /** The same of those in the array `clientids` of which it is so still; see `clearThreshold` of rules. */
  still(context: LookContext, rule: AlarmRule, statement: Statement, clientids: string): string;
  /** What is so, and what to do first. */
  tell(found: Found<Facts>, context: LookContext, rule: AlarmRule): { reason: Reason; advice: Reason };
  /** Whether the facts do not say anything new of an alarm that is open, such as when a value could not be read again. */
  saysNothing?(facts: Facts): boolean;
  /** The same of very many. */
  tellMany(count: number, rule: AlarmRule): { reason: Reason; advice: Reason };
}

interface DueRow<Facts> extends Row, Found<Facts> {
  site: string;
  count: number;
}

/** More than so many gateways with the same trouble at once are one alarm. */
export const MANY = 20;
/** The key of the alarm of all of them. */
export const FLEET_KEY = 'fleet';

/**
 * Makes the source of a kind whose alarms are of single gateways. When more than 20 are due at once, such as when passwords that were given
 * out on one day become old, they are one alarm of the fleet until so many are left that each can have its own.
 */
export function gatewaySource<Facts>(how: GatewayKind<Facts>): ConditionSource {
  return {
    kind: how.kind,
    async due(context, rule, limit) {
      if (how.needsPresence && context.presenceSince === null) return [];
      const rows = await dueRows(how, context, rule, Math.max(limit, 1));
      const first = rows[0];
      if (first === undefined) return [];
      if (first.count > MANY) return [fleetCondition(how, rule, first)];
      return rows.map((row) => conditionOf(how, context, rule, row));
    },
    async standings(context, rule, open) {
      if (how.needsPresence && context.presenceSince === null) return open.map(() => ({ is: 'unknown' }));
      const still = await stillBad(how, context, rule, open);
      const left = open.some(({ clientid }) => clientid === null) ? await countOf(how, context, rule) : 0;
      return open.map(({ clientid, since }): Standing => {
        if (clientid === null) return manyStanding(how, rule, left);
        const found = still.get(clientid);
        if (found === undefined) return { is: 'good' };
        if (how.saysNothing?.(found.facts)) return { is: 'bad' };
        return { is: 'bad', reason: how.tell({ ...found, since }, context, rule).reason };
      });
    },
  };
}

/** SQL of what is due, with its values; `isFleetOpen` false: only as long as there is no alarm of the fleet. */
function dueSql<Facts>(
  how: GatewayKind<Facts>,
  context: LookContext,
  rule: AlarmRule,
  isFleetOpen: boolean,
): { from: string; given: Statement } | null {
  const given = statement();
  const bad = how.bad(context, rule, given);
  if (bad === null) return null;
  const from = `from (${bad}) found join clientid_profile device on device.clientid = found.clientid
    where found.since <= ${dueBefore(context.now, rule, given)} and ${isWatched(rule, given)} and ${hasNoneOpen(rule, given)}
      ${isFleetOpen ? '' : `and ${isUncovered(rule, given)}`}`;
  return { from, given };
}

/** SQL: the rule has no open alarm of the fleet. */
function isUncovered(rule: AlarmRule, { add }: Statement): string {
  return `not exists (select from tpe_alarm fleet where fleet.rule = ${add(rule.id)}
    and coalesce(fleet.clientid, '') = '' and fleet.key = '${FLEET_KEY}' and fleet.cleared_at is null)`;
}

async function dueRows<Facts>(
  how: GatewayKind<Facts>,
  context: LookContext,
  rule: AlarmRule,
  limit: number,
): Promise<DueRow<Facts>[]> {
  const due = dueSql(how, context, rule, false);
  if (due === null) return [];
  const { from, given } = due;
  const sql = `select found.clientid, found.since, found.facts, device.site, count(*) over ()::integer as count ${from}
    order by found.since, found.clientid limit ${given.add(limit)}`;
  return await context.database.query<DueRow<Facts>>(sql, given.values);
}

/** How many gateways without an alarm of their own it is so of. */
async function countOf<Facts>(how: GatewayKind<Facts>, context: LookContext, rule: AlarmRule) {
  const due = dueSql(how, context, rule, true);
  if (due === null) return 0;
  const sql = `select count(*)::integer as count ${due.from}`;
  const [row] = await context.database.query<{ count: number }>(sql, due.given.values);
  return row?.count ?? 0;
}

async function stillBad<Facts>(
  how: GatewayKind<Facts>,
  context: LookContext,
  rule: AlarmRule,
  open: readonly OpenAlarm[],
): Promise<Map<string, Found<Facts>>> {
  const clientids = open.flatMap(({ clientid }) => (clientid === null ? [] : [clientid]));
  if (clientids.length === 0) return new Map();
  const given = statement();
  const still = how.still(context, rule, given, `${given.add(clientids)}::text[]`);
  // A gateway that was disabled meanwhile is nobody's trouble any more.
  const sql = `select found.clientid, found.since, found.facts from (${still}) found
    where exists (select from mqtt_user where mqtt_user.clientid = found.clientid and enabled)`;
  const rows = await context.database.query<Found<Facts> & Row>(sql, given.values);
  return new Map(rows.map((row) => [row.clientid, row]));
}

function conditionOf<Facts>(
  how: GatewayKind<Facts>,
  context: LookContext,
  rule: AlarmRule,
  row: DueRow<Facts>,
): Condition {
  const { clientid, since, site } = row;
  return { clientid, key: '', site, since, gateways: 1, ...how.tell(row, context, rule) };
}

function fleetCondition<Facts>(how: GatewayKind<Facts>, rule: AlarmRule, first: DueRow<Facts>): Condition {
  const { since, count } = first;
  const told = how.tellMany(count, rule);
  return { clientid: null, key: FLEET_KEY, site: null, since, gateways: count, ...told };
}

function manyStanding<Facts>(how: GatewayKind<Facts>, rule: AlarmRule, left: number): Standing {
  if (left <= MANY) return { is: 'good' };
  return { is: 'bad', reason: how.tellMany(left, rule).reason, gateways: left };
}
