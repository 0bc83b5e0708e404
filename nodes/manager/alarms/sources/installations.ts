import { type Cause, type Reason, wordsOfOthers } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import type { ConditionSource } from '../condition.js';
import { gatewaySource } from './gateway-source.js';

interface Failed {
  id: string;
  reason: string | null;
  cause: Cause | null;
}

/** How far back is looked when nobody has looked for long, days. */
const DAYS_BACK = 7;

const COLUMNS = `installation.clientid, installation.ended_at as since, jsonb_build_object('id', installation.id::text,
  'reason', installation.reason, 'cause', installation.cause) as facts`;
const HAS_FAILED = "installation.state in ('FAILED', 'TIMED_OUT')";
/** Those that say something about what the gateway runs now. */
const HAS_AN_END = "('SUCCEEDED', 'ALREADY_INSTALLED', 'FAILED', 'TIMED_OUT')";

/** Gateways on which the last installation has failed. Those of jobs are told of by their job. */
export const installationFailed: ConditionSource = gatewaySource<Failed>({
  kind: 'installation-failed',
  needsPresence: false,
  // One that was told of is not told again when the alarm is over.
  bad: ({ now }, rule, { add }) => `
    select ${COLUMNS} from tpe_installation installation
    where ${HAS_FAILED} and installation.ended_at > ${add(new Date(now.getTime() - DAYS_BACK * 86_400_000))}::timestamptz
      and installation.execution is null
      and not exists (select from tpe_installation newer where newer.clientid = installation.clientid and newer.id > installation.id
        and (newer.state in ${HAS_AN_END} or newer.state in ('QUEUED', 'IN_PROGRESS')))
      and not exists (select from tpe_alarm told where told.clientid = installation.clientid and told.rule = ${add(rule.id)}
        and told.since >= installation.ended_at - interval '1 millisecond')`,
  still: (_context, _rule, _given, clientids) => `
    select ${COLUMNS} from unnest(${clientids}) as asked (clientid) cross join lateral (
      select * from tpe_installation one where one.clientid = asked.clientid and one.state in ${HAS_AN_END} order by one.id desc limit 1
    ) installation where ${HAS_FAILED}`,
  tell: ({ facts }) => ({
    reason: alarmReason('alarm-installation-failed', { id: facts.id, why: toldReason(facts) }),
    advice: alarmReason('alarm-do-installation'),
  }),
  tellMany: (count) => ({
    reason: alarmReason('alarm-many-installations', { count }),
    advice: alarmReason('alarm-do-installation'),
  }),
});

/** A reason as it was stored, with its cause beside it. */
export function toldReason({ reason, cause }: { reason: string | null; cause: Cause | null }): Reason {
  if (reason === null) return alarmReason('alarm-why-unknown');
  return { ...wordsOfOthers(reason), cause };
}
