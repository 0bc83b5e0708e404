import type { Database } from '../database/database.js';
import { messageOf } from '../shared/tpe-error.js';

/**
 * Stores when the broker started. Every gateway connects again then, which must not count as an unstable link; see
 * registry/churn.ts.
 */
export interface OwnRestarts {
  /** Notes a start of the broker at `at`, ms since the epoch. Several managers may note the same start. Never rejects. */
  note(at: number): Promise<void>;
  /**
   * Notes that this manager starts now. With the broker in it, that is a start of the broker; beside another one, only the virtual gateways of
   * this process connect again. Never rejects.
   */
  noteManager(): Promise<void>;
}

const KEPT_MS = 24 * 3_600_000;
/** Times this close together are one start, as seen by two managers or by two queries. */
const SAME_START_MS = 5000;

const NOTE = `
  with gone as (delete from tpe_broker_start where at < $1::bigint - ${KEPT_MS})
  insert into tpe_broker_start as known (at, of_manager) select $2::bigint, $4
  where not exists (select from tpe_broker_start where abs(at - $2::bigint) < $3::bigint and of_manager = $4)
  on conflict (at) do update set of_manager = known.of_manager and excluded.of_manager`;

/**
 * Keeps the starts of the last 24 h in the database. `onFault` gets a text for a person when one could not be stored. `isEmbedded` says that the
 * broker is in this manager, so that each start is noted once, with its time; those of others are known by two managers, about so.
 */
export function createOwnRestarts(
  database: Pick<Database, 'query'>,
  onFault: (text: string) => void,
  isEmbedded = false,
): OwnRestarts {
  async function note(at: number, isOfManager: boolean): Promise<void> {
    const now = Date.now();
    if (now - at > KEPT_MS) return;
    try {
      await database.query(NOTE, [now, Math.round(at), isEmbedded ? 1 : SAME_START_MS, isOfManager]);
    } catch (error) {
      onFault(
        `The restart of the broker could not be stored, so the connects after it may count as an unstable link: ${messageOf(error)}`,
      );
    }
  }
  return {
    note: (at) => note(at, false),
    noteManager: () => note(Date.now(), !isEmbedded),
  };
}

/** Whether the broker has begun since `at`, ms since the epoch: then new connections say nothing of the gateways. */
export async function hasBegunSince(database: Pick<Database, 'query'>, at: number): Promise<boolean> {
  const sql = 'select from tpe_broker_start where at >= $1::bigint and not of_manager limit 1';
  return (await database.query(sql, [Math.floor(at)])).length > 0;
}
