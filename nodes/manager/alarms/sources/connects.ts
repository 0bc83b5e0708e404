import { CHURN_WINDOW_MS, CODES_OF_AN_END_IN_ORDER, START_MARGIN_MS } from '../../registry/churn.js';
import { alarmReason } from '../alarm-reasons.js';
import type { AlarmRule } from '../alarm-rule.js';
import type { ConditionSource, LookContext } from '../condition.js';
import { gatewaySource } from './gateway-source.js';
import type { Statement } from './statement.js';
import { isBad, isNotGood, thresholdOf } from './threshold.js';

/*
 * Gateways that connect again and again, and client ids that two gateways use. Both can become so with a connect alone, and each connect changes
 * since when a gateway is online: so only the gateways are looked at whose presence has just changed.
 */

const HOUR_MS = 3_600_000;
/** Looks are never further apart, as long as somebody looks. */
const LATELY_MS = 60_000;
/** After all have connected again, the same time passes as in `own-restarts.ts` until their connects count. */
const SETTLED_MS = 2 * 60_000;

const ms = (date: Date) => date.getTime();

/** SQL: the gateway's presence, under the alias `device`, has just changed; the index by `since` finds it. */
function hasJustChanged({ now }: LookContext, rule: AlarmRule, { add }: Statement): string {
  const window = LATELY_MS + Math.min(rule.delaySeconds * 1000, HOUR_MS);
  return `coalesce(device.since, '-infinity'::timestamptz) > ${add(new Date(ms(now) - window))}::timestamptz`;
}

/** SQL of how many starts of the broker are to be taken off what was counted since then, a time in ms. */
function startsSince(from: string): string {
  return `(select count(*)::integer from tpe_broker_start start where start.at >= ${from} - ${START_MARGIN_MS})`;
}

/** SQL: the window in which connects were counted is not long past. */
function isRecent({ now }: LookContext, { add }: Statement): string {
  return `device.churn_since > ${add(ms(now) - 2 * CHURN_WINDOW_MS)}::bigint`;
}

/** SQL: two gateways take over the session from each other, which is an alarm of its own. */
const IS_SHARED = `(device.churn_takeovers > 1 and 2 * device.churn_takeovers >= device.churn_connects
  and device.ip_address <> device.previous_ip_address)`;

/**
 * SQL of how often a gateway of `from` connected in the last hour, as `times`: by its history, which knows nothing of connects that took over a
 * session, or by what was counted of those lately. Connects after a session that was ended in order do not count.
 */
function counted(context: LookContext, rule: AlarmRule, given: Statement, where: string): string {
  const { add } = given;
  const hour = `${add(new Date(ms(context.now) - HOUR_MS))}::timestamptz`;
  const hourMs = `${add(ms(context.now) - HOUR_MS)}::bigint`;
  const event = `from tpe_presence_event event where event.clientid = device.clientid and event.at > ${hour}`;
  return `
    select device.clientid, device.since as changed_at, greatest(
        (select count(*) filter (where online)
          - count(*) filter (where not online and coalesce(event.cause->>'code' in ${CODES_OF_AN_END_IN_ORDER}, false)) ${event})
          - ${startsSince(hourMs)},
        case when ${isRecent(context, given)} then device.churn_connects - ${startsSince('device.churn_since')} else 0 end
      )::integer as times,
      (select event.at ${event} and online order by event.at offset ${add(Math.max(0, thresholdOf(rule) - 1))} limit 1) as reached_at
    from tpe_presence device
    where ${where} and not coalesce(${IS_SHARED}, false)`;
}

const FLAPPING_COLUMNS = `clientid, coalesce(reached_at, changed_at) as since, jsonb_build_object('times', times) as facts`;

/** Gateways that connect again and again, by how often within an hour. */
export const flapping: ConditionSource = gatewaySource<{ times: number }>({
  kind: 'flapping',
  needsPresence: true,
  bad(context, rule, given) {
    const { now, presenceSince } = context;
    if (presenceSince === null || ms(now) - ms(presenceSince) < SETTLED_MS) return null;
    const counts = counted(context, rule, given, hasJustChanged(context, rule, given));
    return `select ${FLAPPING_COLUMNS} from (${counts}) counted where ${isBad(rule, 'times', given.add)}`;
  },
  still(context, rule, given, clientids) {
    const counts = counted(context, rule, given, `device.clientid = any(${clientids})`);
    return `select ${FLAPPING_COLUMNS} from (${counts}) counted where ${isNotGood(rule, 'times', given.add)}`;
  },
  tell: ({ facts: { times } }) => ({
    reason: alarmReason('alarm-flapping', { times }),
    advice: alarmReason('alarm-do-flapping'),
  }),
  tellMany: (count) => ({
    reason: alarmReason('alarm-many-flapping', { count }),
    advice: alarmReason('alarm-do-flapping'),
  }),
});

interface Shared {
  times: number;
  before: string;
  here: string;
}

function shared(
  context: LookContext,
  given: Statement,
  where: string,
  isSo: (value: string) => string,
): string {
  const takeovers = `(device.churn_takeovers - ${startsSince('device.churn_since')})`;
  return `
    select device.clientid, to_timestamp(device.churn_since / 1000.0) as since,
      jsonb_build_object('times', ${takeovers}, 'before', device.previous_ip_address, 'here', device.ip_address) as facts
    from tpe_presence device
    where ${where} and ${isRecent(context, given)} and device.ip_address <> device.previous_ip_address and ${isSo(takeovers)}`;
}

/** Client ids that are taken over again and again, from two addresses. */
export const clientIdTwice: ConditionSource = gatewaySource<Shared>({
  kind: 'client-id-twice',
  needsPresence: true,
  bad: (context, rule, given) =>
    shared(context, given, hasJustChanged(context, rule, given), (value) => isBad(rule, value, given.add)),
  still: (context, rule, given, clientids) =>
    shared(context, given, `device.clientid = any(${clientids})`, (value) =>
      isNotGood(rule, value, given.add),
    ),
  tell: ({ facts: { times, before, here } }) => ({
    reason: alarmReason('alarm-id-twice', { times, before, here, minutes: CHURN_WINDOW_MS / 60_000 }),
    advice: alarmReason('alarm-do-id-twice'),
  }),
  tellMany: (count) => ({
    reason: alarmReason('alarm-many-ids-twice', { count }),
    advice: alarmReason('alarm-do-id-twice'),
  }),
});
