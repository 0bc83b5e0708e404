import type { Database } from '../database/database.js';
import { doubtOf, HOLD_MS } from './list-trust.js';
import { createNodeSightings, type NodeSightings } from './node-sightings.js';
import type { JudgeList } from './reconcile.js';

export interface ListJudge {
  judge: JudgeList;
  sightings: NodeSightings;
}

/**
 * Creates the judge of the broker's client list. It uses the nodes and what all managers have seen of them. A list that has been
 * too short for longer than HOLD_MS is trusted all the same, since presence must not stay unconfirmed for ever.
 */
export function createListJudge(database: Database): ListJudge {
  const sightings = createNodeSightings(database);
  let shortSince: number | null = null;
  return {
    sightings,
    async judge(before, after, listed) {
      const doubt = doubtOf({ before, after, listed, sightings: await sightings.look(after) });
      if (doubt?.kind !== 'list-short') {
        shortSince = null;
        return doubt;
      }
      shortSince ??= performance.now();
      return performance.now() - shortSince > HOLD_MS ? null : doubt;
    },
  };
}
