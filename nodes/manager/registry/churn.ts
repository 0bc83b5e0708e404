import type { Reason } from '../shared/reason.js';
import { type ConnectionCode, connectionReason } from './connection-reasons.js';

/*
 * Decides whether a gateway connects so often that its link or power is probably unstable. Two kinds of connects do not count:
 * - Every gateway connects again after a start of the broker (or of this device manager, if the broker is embedded). So one connect and one
 *   takeover are subtracted for each start in the window. A gateway with a real problem connects more often than that, and still counts.
 * - A connect after a session that the gateway ended with a DISCONNECT, or that the manager ended: a gateway that loses its link or power
 *   cannot send a DISCONNECT.
 */

/** Connects are counted in windows of this length; see APPLY in apply-events.ts. */
export const CHURN_WINDOW_MS = 10 * 60_000;
/** The time after a start of the broker in which gateways connect again, and by which its clock may differ, ms. */
export const START_MARGIN_MS = 2 * 60_000;

/** A gateway tries once a minute, so this is more than a restart and one or two lost connections cause. */
const MANY_CONNECTS = 8;
const MANY_TAKEOVERS = 5;

const ENDED_IN_ORDER = [
  'disconnected-by-itself',
  'disconnected-leaving-its-will',
  'disconnected-by-the-manager',
] as const satisfies ConnectionCode[];

/** SQL of these codes, as a list for `in`. */
export const CODES_OF_AN_END_IN_ORDER = `(${ENDED_IN_ORDER.map((code) => `'${code}'`).join(', ')})`;

/** SQL: true if the session before was ended by the gateway itself or by the manager. Uses tpe_presence under the alias `device`. */
export const HAD_ENDED_IN_ORDER = `coalesce(device.status <> 'online' and device.cause->>'code' in
  ${CODES_OF_AN_END_IN_ORDER}, false)`;

/** SQL: the gateway connected so often that churnWarning has to look. */
export const MAY_BE_CHURN = `(device.churn_connects >= ${MANY_CONNECTS} or device.churn_takeovers >= ${MANY_TAKEOVERS})`;

/** The columns that churnWarning reads, of tpe_presence under the alias `device`. */
export const CHURN_COLUMNS = `device.churn_since, device.churn_connects, device.churn_takeovers, device.ip_address,
  device.previous_ip_address, case when not ${MAY_BE_CHURN} then 0
    else (select count(*)::integer from tpe_broker_start start
      where start.at between device.churn_since - ${START_MARGIN_MS} and device.churn_since + ${CHURN_WINDOW_MS}
    ) end as broker_starts`;

export interface ChurnRow {
  /** The begin of the window, ms since the epoch. */
  churn_since: number | null;
  churn_connects: number;
  /** The number of connects while the session before was still open. */
  churn_takeovers: number;
  ip_address: string | null;
  previous_ip_address: string | null;
  /** The number of starts of the broker in the window or shortly before; 0 for few connects, which are no problem anyway. */
  broker_starts: number;
}

/** Warns a person of a gateway that connects again and again; null if it does not. `now` is ms since the epoch. */
export function churnWarning(row: ChurnRow, now: number): Reason | null {
  if (row.churn_since === null || now - row.churn_since > 2 * CHURN_WINDOW_MS) return null;
  const minutes = CHURN_WINDOW_MS / 60_000;
  const takeovers = row.churn_takeovers - row.broker_starts;
  if (takeovers >= MANY_TAKEOVERS) return sharedReason(row, { times: takeovers, minutes });
  const connects = row.churn_connects - row.broker_starts;
  if (connects < MANY_CONNECTS) return null;
  return connectionReason('link-unstable', { times: connects, minutes });
}

function sharedReason(row: ChurnRow, counted: { times: number; minutes: number }): Reason {
  const { ip_address: here, previous_ip_address: before } = row;
  if (here === null || before === null || here === before)
    return connectionReason('client-id-shared', counted);
  return connectionReason('client-id-shared-from', { ...counted, before, here });
}
