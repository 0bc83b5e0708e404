import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { postgres } from './postgres.js';

/** The ids that the stand-in for EMQX gives its clients, from the first on. */
export function fleetIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `FAKE${String(index + 1).padStart(5, '0')}`);
}

/** Registers so many gateways with these ids in a database on the test server; `since`: ISO 8601 time since when they are online. */
export async function insertFleet(
  options: DatabaseOptions,
  count: number,
  since: string | null = null,
): Promise<void> {
  if (options.kind !== 'postgresql') throw new Error('not a database of the test server');
  const seconds = since === null ? 'null::bigint' : `extract(epoch from '${since}'::timestamptz)::bigint`;
  await (await postgres()).admin(
    `insert into clientid_profile (clientid, connection_status, connection_status_updated_at)
      select 'FAKE' || lpad(number::text, 5, '0'), ${since !== null}, ${seconds} from generate_series(1, ${count}) as number;
     update tpe_presence set session_connected_at = ${seconds} * 1000`,
    new URL(options.url).pathname.slice(1),
  );
}
