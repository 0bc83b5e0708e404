import type { BrokerNode } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import { backoffMs } from '../shared/backoff.js';
import { countOf } from './list-trust.js';

/** Whether the broker's nodes count other clients than we hold for online: then somebody came or went without our being told. */
export interface CountDrift {
  /** At each look at the nodes: true where a comparison should find out. */
  look(nodes: readonly BrokerNode[]): Promise<boolean>;
  /** A comparison has ended, and corrected so many. */
  compared(corrected: number): void;
}

/** So long after a comparison that was asked for none is; twice as long after each that found nothing, ms. */
const REST = { firstMs: 30_000, longestMs: 5 * 60_000 };

const ONLINE = "select count(*)::integer as online from clientid_profile where status = 'online'";

interface OnlineRow extends Row {
  online: number;
}

/**
 * The nodes count every client, gateway or not. So what counts is not how many they are more than ours, but that this
 * changes and stays so for two looks: an event on its way is there by the second. Where it is another client that came or
 * went, the comparison finds nothing, and the next one of that kind has to wait longer.
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
