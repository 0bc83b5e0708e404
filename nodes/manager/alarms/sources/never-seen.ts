import { hasStatus } from '../../registry/presence-status.js';
import { alarmReason } from '../alarm-reasons.js';
import type { ConditionSource } from '../condition.js';
import { gatewaySource } from './gateway-source.js';

/** SQL of gateways that were registered and have never connected. Times of registration that nobody knows are left out. */
const NEVER_SEEN = `
  select presence.clientid, to_timestamp(profile.created_at) as since, null::jsonb as facts
  from tpe_presence presence join clientid_profile profile on profile.clientid = presence.clientid
  where presence.${hasStatus('never_seen')} and profile.created_at > 0`;

/** Gateways that have never connected. */
export const neverSeen: ConditionSource = gatewaySource<null>({
  kind: 'never-seen',
  needsPresence: true,
  bad: () => NEVER_SEEN,
  still: (_context, _rule, _given, clientids) => `${NEVER_SEEN} and presence.clientid = any(${clientids})`,
  tell: ({ since }) => ({
    reason: alarmReason('alarm-never-seen', { since: since.toISOString() }),
    advice: alarmReason('alarm-do-never-seen'),
  }),
  tellMany: (count) => ({
    reason: alarmReason('alarm-many-never-seen', { count }),
    advice: alarmReason('alarm-do-never-seen'),
  }),
});
