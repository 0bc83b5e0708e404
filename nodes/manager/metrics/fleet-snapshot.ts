import type { Database } from '../database/database.js';
import { hasStatus } from '../registry/presence-status.js';
import { within } from '../shared/timeout.js';

const FLEET_SNAPSHOT = `
  select
    (select count(*)::integer from tpe_presence where ${hasStatus('online')}) as online,
    (select count(*)::integer from tpe_presence where ${hasStatus('offline')}) as offline,
    (select count(*)::integer from tpe_presence where ${hasStatus('never_seen')}) as never_seen,
    (select count(*)::integer from tpe_update join clientid_profile using (clientid) where has_update) as with_update,
    (select count(*)::integer from tpe_command where state = 'QUEUED') as queued,
    (select count(*)::integer from tpe_command where state = 'SENT') as sent,
    (select count(*)::integer from tpe_installation where state in ('QUEUED', 'IN_PROGRESS')) as installing`;

/** The state of the fleet, in numbers. */
export type FleetSnapshot = Record<
  'online' | 'offline' | 'never_seen' | 'with_update' | 'queued' | 'sent' | 'installing',
  number
>;

/** How long a scrape waits for a database that is away or busy, ms. */
const WITHIN_MS = 2000;

/** Creates a function that reads the state of the fleet; null if the database does not respond in time. Concurrent calls share a query. */
export function createFleetSnapshot(database: Database): () => Promise<FleetSnapshot | null> {
  let reading: Promise<FleetSnapshot | null> | null = null;

  async function read(): Promise<FleetSnapshot | null> {
    const rows = await database.query<FleetSnapshot>(FLEET_SNAPSHOT);
    return rows[0] ?? null;
  }

  return async () => {
    reading ??= read()
      .catch(() => null)
      .finally(() => {
        reading = null;
      });
    return await within(WITHIN_MS, reading, () => null);
  };
}
