import type { Device } from '../../registry/device.js';
import type { Reason } from '../../shared/reason.js';
import type { JobLeftOut, JobPreview, JobShare } from '../job.js';
import { refusalReason } from './refusal-reasons.js';

/** Values of a kind that are counted each; the others are counted together. */
const MOST_SHARES = 20;
/** The value that stands for all others. */
export const OTHERS = '*';
/** Reasons that are told each; the others are counted together. */
const MOST_REASONS = 50;
const MOST_EXAMPLES = 10;

export type Counted = Pick<
  JobPreview,
  'total' | 'reached' | 'online' | 'leftOut' | 'sites' | 'models' | 'versions'
>;

/** Counts the gateways of a job. Its memory grows with the number of sites, models, sets and versions, and not with that of gateways. */
export interface PreviewCounts {
  reached(device: Device): void;
  leftOut(clientid: string, reason: Reason): void;
  /** How many would be reached of each site, model and redundancy set; "" are those without one. */
  by: Readonly<Record<'site' | 'model' | 'set', ReadonlyMap<string, number>>>;
  counted(): Counted;
}

export function createPreviewCounts(): PreviewCounts {
  const bySite = new Map<string, number>();
  const byModel = new Map<string, number>();
  const bySet = new Map<string, number>();
  const byVersion = new Map<string, number>();
  const reasons = new Map<string, JobLeftOut>();
  let reached = 0;
  let online = 0;
  let left = 0;

  return {
    by: { site: bySite, model: byModel, set: bySet },
    reached({ site, modelName, tpeVersion, status, redundancy }) {
      reached += 1;
      if (status === 'online') online += 1;
      countOne(bySite, site);
      countOne(byModel, modelName ?? '');
      countOne(bySet, redundancy);
      countOne(byVersion, tpeVersion ?? '');
    },
    leftOut(clientid, reason) {
      left += 1;
      const told = reasons.has(reason.text) || reasons.size < MOST_REASONS ? reason : otherwise();
      const found = reasons.get(told.text) ?? { reason: told, count: 0, clientids: [] };
      found.count += 1;
      if (found.clientids.length < MOST_EXAMPLES) found.clientids.push(clientid);
      reasons.set(told.text, found);
    },
    counted: () => ({
      total: reached + left,
      reached,
      online,
      leftOut: [...reasons.values()].sort((one, other) => other.count - one.count),
      sites: sharesOf(bySite),
      models: sharesOf(byModel),
      versions: sharesOf(byVersion),
    }),
  };
}

function otherwise(): Reason {
  return refusalReason('unfit-otherwise');
}

function countOne(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function sharesOf(counts: ReadonlyMap<string, number>): JobShare[] {
  const shares = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1));
  const others = shares.slice(MOST_SHARES).reduce((sum, { count }) => sum + count, 0);
  return others === 0 ? shares : [...shares.slice(0, MOST_SHARES), { value: OTHERS, count: others }];
}
