import type { BrokerNode } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import { hasStatus } from '../registry/presence-status.js';
import { backoffMs } from '../shared/backoff.js';
import { countOf } from './list-trust.js';

/**
 * Detects lost events by the client counts of the broker's nodes: when these change, but the number of gateways that we hold for
 * online does not, a client may have come or gone without an event.
 */
export interface CountDrift {
  /**
   * Call it each time the nodes were read. Resolves with true where a comparison with the broker's list should follow. Rejects
   * as the database does.
   */
  look(nodes: readonly BrokerNode[]): Promise<boolean>;
  /** Call it when a comparison has ended, with the number of gateways that it corrected. */
  compared(corrected: number): void;
}

/** The pause before the next comparison may be requested. It doubles with each requested comparison that corrected nothing. */
const REST = { firstMs: 30_000, longestMs: 5 * 60_000 };

const ONLINE = `select count(*)::integer as online from tpe_presence where ${hasStatus('online')}`;

interface OnlineRow extends Row {
  online: number;
}

/**
 * Creates the detection. The nodes count every client, not only gateways, so the difference to our own number means nothing by
 * itself. What means something is a difference that has changed and is the same in two readings: an event that was on its way in
 * the first reading has arrived by the second. Where another client caused it, the comparison corrects nothing, and the next
 * one has to wait longer.
 */
export function createCountDrift(database: Pick<Database, 'query'>): CountDrift {
  let usual: number | null = null;
  let last: number | null = null;
  let inVain = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let isAsked = false;

  return {
    async look(nodes) {
      const counted = countOf(nodes);
      if (counted === null) return false;
      const [row] = await database.query<OnlineRow>(ONLINE);
      const others = counted - (row?.online ?? 0);
      const isSteady = others === last;
      last = others;
      usual ??= others;
      if (!isSteady || others === usual || performance.now() - askedAt < backoffMs(inVain, REST))
        return false;
      askedAt = performance.now();
      isAsked = true;
      return true;
    },
    compared(corrected) {
      if (corrected > 0) inVain = 0;
      else if (isAsked) inVain += 1;
      isAsked = false;
      usual = null;
      last = null;
    },
  };
}
