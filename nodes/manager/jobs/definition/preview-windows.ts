import type { OperationSet } from '../../catalogue/operation-set.js';
import type { Sites } from '../../sites/sites.js';
import type { JobShut } from '../job.js';
import { heedsWindows } from './heeds-windows.js';
import { neededSeconds } from './needed-seconds.js';
import type { ParsedJob } from './parse-job.js';

/** So many sites are named. */
const NAMED = 20;

/** Where a job would begin nothing now. `bySite`: how many of its gateways are on each site. */
export async function shutFor(
  { steps, pace, rating: { risk } }: Pick<ParsedJob, 'steps' | 'pace' | 'rating'>,
  bySite: ReadonlyMap<string, number>,
  { sites, catalogue }: { sites: Pick<Sites, 'shutNow'>; catalogue: OperationSet },
): Promise<JobShut[]> {
  if (!heedsWindows({ risk, pace })) return [];
  const shut = await sites.shutNow([...bySite.keys()], neededSeconds(steps, catalogue));
  return [...shut]
    .map(([site, { opensAt, reason }]) => ({
      ...{ site, count: bySite.get(site) ?? 0, opensAt: opensAt?.toISOString() ?? null, reason },
    }))
    .sort((one, other) => other.count - one.count)
    .slice(0, NAMED);
}
