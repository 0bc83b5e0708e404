import { refusalReason } from '../../broker/refusal-reasons.js';
import { connectionReason } from '../../registry/connection-reasons.js';
import type { StoredRefusal } from '../../registry/refused-login.js';
import type { Reason } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import type { ConditionSource, LookContext } from '../condition.js';
import { gatewaySource } from './gateway-source.js';
import type { Statement } from './statement.js';
import { isBad, isNotGood } from './threshold.js';

/** After so long without another one, it is good: gateways try again within a minute or two. */
const OVER_AFTER_MS = 10 * 60_000;

/** SQL of when the last login was refused, ms; as the index has it. */
const AT = "(device.refused_login->>'at')::bigint";

function refused({ now }: LookContext, { add }: Statement, isSo: (value: string) => string): string {
  return `
    select device.clientid, to_timestamp((device.refused_login->>'since')::bigint / 1000.0) as since, device.refused_login as facts
    from tpe_presence device
    where device.refused_login is not null and ${AT} > ${add(now.getTime() - OVER_AFTER_MS)}::bigint
      and (device.status <> 'online' or device.since < to_timestamp(${AT} / 1000.0))
      and ${isSo("(device.refused_login->>'count')::bigint")}`;
}

/** Logins under a gateway's client id that are refused. */
export const loginRefusedSource: ConditionSource = gatewaySource<StoredRefusal>({
  kind: 'login-refused',
  needsPresence: false,
  bad: (context, rule, given) => refused(context, given, (value) => isBad(rule, value, given.add)),
  still: (context, rule, given, clientids) =>
    `${refused(context, given, (value) => isNotGood(rule, value, given.add))} and device.clientid = any(${clientids})`,
  tell: ({ facts }) => ({
    reason: alarmReason('alarm-login-refused', {
      times: facts.count,
      address: facts.address ?? connectionReason('address-unknown'),
      why: refusalReason(facts.reason),
    }),
    advice: refusalAdvice(facts),
  }),
  tellMany: (count) => ({
    reason: alarmReason('alarm-many-refused', { count }),
    advice: alarmReason('alarm-do-fleet'),
  }),
});

/** What to do about refused logins. */
export function refusalAdvice({ reason }: Pick<StoredRefusal, 'reason'>): Reason {
  return alarmReason(reason === 'disabled' ? 'alarm-do-enable' : 'alarm-do-refused');
}
