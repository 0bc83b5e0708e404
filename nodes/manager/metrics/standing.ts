import type { Database } from '../database/database.js';
import { within } from '../shared/timeout.js';

const STANDING = `
  select
    (select count(*)::integer from clientid_profile where status = 'online') as online,
    (select count(*)::integer from clientid_profile where status = 'offline') as offline,
    (select count(*)::integer from clientid_profile where status = 'never_seen') as never_seen,
    (select count(*)::integer from tpe_update join clientid_profile using (clientid) where has_update) as with_update,
    (select count(*)::integer from tpe_command where state = 'QUEUED') as queued,
    (select count(*)::integer from tpe_command where state = 'SENT') as sent,
    (select count(*)::integer from tpe_installation where state in ('QUEUED', 'IN_PROGRESS')) as installing`;

/** How the fleet stands, in numbers. */
export type Standing = Record<
  'online' | 'offline' | 'never_seen' | 'with_update' | 'queued' | 'sent' | 'installing',
  number
>;

/** Whoever asks must not be held up by a database that is away or busy. */
const WITHIN_MS = 2000;

/** Reads how the fleet stands; null where the database does not say so in time. All who ask at once get one answer. */
export function createStanding(database: Database): () => Promise<Standing | null> {
  let reading: Promise<Standing | null> | null = null;

  async function read(): Promise<Standing | null> {
    const rows = await database.query<Standing>(STANDING);
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
