import type { StoredRefusal } from '../../registry/refused-login.js';
import type { Cause, Reason } from '../../shared/reason.js';
import { alarmReason } from '../alarm-reasons.js';
import { refusalAdvice } from './logins.js';

const ADVICE = {
  'keepalive-timeout': 'alarm-do-link',
  'connection-lost': 'alarm-do-link',
  'connection-lost-tls': 'alarm-do-link',
  'disconnected-by-itself': 'alarm-do-left',
  'disconnected-leaving-its-will': 'alarm-do-left',
  'disconnected-by-the-manager': 'alarm-do-kicked',
  'mqtt-not-authorized': 'alarm-do-password',
  'broker-stopped': 'alarm-do-broker-log',
  'mqtt-packet-too-large': 'alarm-do-protocol',
  'mqtt-packet-malformed': 'alarm-do-protocol',
  'mqtt-topic-invalid': 'alarm-do-protocol',
  'mqtt-protocol-violated': 'alarm-do-protocol',
} as const;

interface Absence {
  since: Date;
  cause: Cause | null;
  /** The last refused logins; `at` is ms since the epoch. */
  refused: Pick<StoredRefusal, 'reason' | 'at'> | null;
}

/** What to do about one that is offline, by why it is. */
export function offlineAdvice({ since, cause, refused }: Absence): Reason {
  if (refused !== null && refused.at >= since.getTime()) {
    return refused.reason === 'wrong_password' || refused.reason === 'not_authorized'
      ? alarmReason('alarm-do-password')
      : refusalAdvice(refused);
  }
  const code = cause?.code;
  return alarmReason(code !== undefined && isKnown(code) ? ADVICE[code] : 'alarm-do-ask');
}

function isKnown(code: string): code is keyof typeof ADVICE {
  return Object.hasOwn(ADVICE, code);
}
