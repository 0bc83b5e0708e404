import { DISCONNECT_WORDS } from './reason.js';

/*
 * Which connects speak of an unstable link or power, and which do not. Not those of our own making:
 * - after a start of the broker (or of this device manager, which carries the embedded one) every gateway connects once
 *   again: for each start in the window one connect, and one takeover, is taken off. A gateway that really comes and goes
 *   meanwhile does so more often, and still counts;
 * - after a session that the gateway ended itself, in good order, or that we ended: no lost link, and no lost power, can
 *   say goodbye.
 */

/** Connects are counted in windows of this length; see APPLY in apply-events.ts. */
export const CHURN_WINDOW_MS = 10 * 60_000;
/** A gateway may come so long after the start of the broker, and its clock may differ, ms. */
const START_MARGIN_MS = 2 * 60_000;

/** A gateway tries again once a minute, so this is more than a restart or a lost link or two. */
const MANY_CONNECTS = 8;
const MANY_TAKEOVERS = 5;

const ENDED_IN_ORDER = (['normal', 'disconnect_with_will_message', 'kicked'] as const).map(
  (reason) => DISCONNECT_WORDS[reason],
);

/** That the session before ended in good order, or by us; SQL, of clientid_profile under the alias `device`. */
export const HAD_ENDED_IN_ORDER = `coalesce(not device.connection_status and device.presence_reason in
  (${ENDED_IN_ORDER.map((words) => `'${words.replaceAll("'", "''")}'`).join(', ')}), false)`;

/** The columns that churnWarning reads, of clientid_profile under the alias `device`. */
export const CHURN_COLUMNS = `device.churn_since, device.churn_connects, device.churn_takeovers, device.ip_address,
  device.previous_ip_address, (select count(*)::integer from tpe_broker_start start
    where start.at between device.churn_since - ${START_MARGIN_MS} and device.churn_since + ${CHURN_WINDOW_MS}
  ) as broker_starts`;

export interface ChurnRow {
  /** Begin of the window, ms since the epoch. */
  churn_since: number | null;
  churn_connects: number;
  /** Connects that found the session before still open. */
  churn_takeovers: number;
  ip_address: string | null;
  previous_ip_address: string | null;
  /** How often the broker began in the window, or shortly before. */
  broker_starts: number;
}

/** What a person should know of a gateway that connects again and again; null when it does not. */
export function churnWarning(row: ChurnRow, now: number): string | null {
  if (row.churn_since === null || now - row.churn_since > 2 * CHURN_WINDOW_MS) return null;
  const minutes = CHURN_WINDOW_MS / 60_000;
  const takeovers = row.churn_takeovers - row.broker_starts;
  if (takeovers >= MANY_TAKEOVERS) {
    return `two gateways seem to share this client id: taken over ${takeovers} times within ${minutes} minutes${addresses(row)}`;
  }
  const connects = row.churn_connects - row.broker_starts;
  if (connects < MANY_CONNECTS) return null;
  return `unstable link or power: connected ${connects} times within ${minutes} minutes`;
}

function addresses({ ip_address: here, previous_ip_address: before }: ChurnRow): string {
  return here === null || before === null || here === before ? '' : `, from ${before} and ${here}`;
}
