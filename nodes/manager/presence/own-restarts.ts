import type { Database } from '../database/database.js';
import { messageOf } from '../shared/tpe-error.js';

/** Remembers when every gateway had to connect again for a reason that is not its own. */
export interface OwnRestarts {
  /** The broker began at that moment, ms since the epoch; also told again, and by several managers. Never rejects. */
  note(at: number): Promise<void>;
}

const KEPT_MS = 24 * 3_600_000;
/** Two moments that are so close are one start, as two managers or two looks saw it. */
const SAME_START_MS = 5000;

const NOTE = `
  with gone as (delete from tpe_broker_start where at < $1::bigint - ${KEPT_MS})
  insert into tpe_broker_start (at) select $2::bigint
  where not exists (select from tpe_broker_start where abs(at - $2::bigint) <= ${SAME_START_MS})
  on conflict do nothing`;

export function createOwnRestarts(
  database: Pick<Database, 'query'>,
  onFault: (text: string) => void,
): OwnRestarts {
  return {
    async note(at) {
      const now = Date.now();
      if (now - at > KEPT_MS) return;
      try {
        await database.query(NOTE, [now, Math.round(at)]);
      } catch (error) {
        onFault(
          `The restart of the broker could not be stored, so the connects after it may count as an unstable link: ${messageOf(error)}`,
        );
      }
    },
  };
}
