/** Connects are counted in windows of this length; see APPLY in apply-events.ts. */
export const CHURN_WINDOW_MS = 10 * 60_000;

/** A gateway tries again once a minute, so this is more than a restart or a lost link or two. */
const MANY_CONNECTS = 8;
const MANY_TAKEOVERS = 5;

/** The columns that churnWarning reads, of clientid_profile under the alias `device`. */
export const CHURN_COLUMNS =
  'device.churn_since, device.churn_connects, device.churn_takeovers, device.ip_address, device.previous_ip_address';

export interface ChurnRow {
  /** Begin of the window, ms since the epoch. */
  churn_since: number | null;
  churn_connects: number;
  /** Connects that found the session before still open. */
  churn_takeovers: number;
  ip_address: string | null;
  previous_ip_address: string | null;
}

/** What a person should know of a gateway that connects again and again; null when it does not. */
export function churnWarning(row: ChurnRow, now: number): string | null {
  if (row.churn_since === null || now - row.churn_since > 2 * CHURN_WINDOW_MS) return null;
  const minutes = CHURN_WINDOW_MS / 60_000;
  if (row.churn_takeovers >= MANY_TAKEOVERS) {
    return `two gateways seem to share this client id: taken over ${row.churn_takeovers} times within ${minutes} minutes${addresses(row)}`;
  }
  if (row.churn_connects < MANY_CONNECTS) return null;
  return `unstable link or power: connected ${row.churn_connects} times within ${minutes} minutes`;
}

function addresses({ ip_address: here, previous_ip_address: before }: ChurnRow): string {
  return here === null || before === null || here === before ? '' : `, from ${before} and ${here}`;
}
