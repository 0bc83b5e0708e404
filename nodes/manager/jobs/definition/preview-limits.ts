import { disturbs } from '../../guard/disturbs.js';
import type { Allowed, Asked, Guard } from '../../guard/guard.js';
import type { JobLimit } from '../job.js';
import type { JobPace } from './definition.js';
import type { ParsedJob } from './parse-job.js';
import type { PreviewCounts } from './preview-counts.js';

// How long a job takes at least. The guard stands under its pace: a gateway that it disturbs needs a slot for as long as it is under way.

/** So many sites, models and sets are named. */
const NAMED = 5;

/** Where the guard allows fewer than the job asks for, and how many gateways of the job are there. */
export type Fewer = Allowed & { gateways: number };

/** Where the limits of the guard are below what a job asks for. */
export async function fewerThanAsked(
  { pace, rating }: Pick<ParsedJob, 'pace' | 'rating'>,
  { by }: Pick<PreviewCounts, 'by'>,
  reached: number,
  guard: Pick<Guard, 'fewerAllowed'>,
): Promise<Fewer[]> {
  if (!disturbs(rating)) return [];
  const fleet = { scope: 'fleet' as const, value: '', gateways: reached };
  const others = (['site', 'model', 'set'] as const).flatMap((scope) =>
    [...by[scope]].filter(([value]) => value !== '').map(([value, gateways]) => ({ scope, value, gateways })),
  );
  const asked = [fleet, ...others].map((one) => ({
    ...one,
    count: Math.min(askedIn(one.scope, pace), one.gateways),
  }));
  const gatewaysOf = new Map(asked.map(({ scope, value, gateways }) => [`${scope} ${value}`, gateways]));
  const fewer = await guard.fewerAllowed(asked.map(({ scope, value, count }) => ({ scope, value, count })));
  return fewer.map((one) => ({ ...one, gateways: gatewaysOf.get(`${one.scope} ${one.value}`) ?? 0 }));
}

/** The same, told by scope. */
export function limitsOf(pace: JobPace, fewer: readonly Fewer[]): JobLimit[] {
  return (['fleet', 'site', 'model', 'set'] as const).flatMap((scope) => {
    const here = fewer.filter((one) => one.scope === scope);
    if (here.length === 0) return [];
    const slowest = here.toSorted((one, other) => turnsOf(other) - turnsOf(one)).slice(0, NAMED);
    const asked = scope === 'fleet' ? here[0]!.count : askedIn(scope, pace);
    return [{ scope, asked, count: here.length, first: slowest.map(({ value, max }) => ({ value, max })) }];
  });
}

/**
 * The time that a job takes at least: by its rate, by how many are under way at once, by its largest site, and by what the guard allows.
 * `work` is that of all gateways together, s.
 */
export function secondsAtLeast(
  pace: JobPace,
  { by }: Pick<PreviewCounts, 'by'>,
  reached: number,
  work: number,
  fewer: readonly Fewer[],
): number {
  if (reached === 0) return 0;
  const each = work / reached;
  let turns = reached / pace.maxInProgress;
  for (const [site, count] of by.site)
    if (site !== '' && pace.perSite !== null) turns = Math.max(turns, count / pace.perSite);
  for (const one of fewer) turns = Math.max(turns, turnsOf(one));
  return Math.max((reached / pace.maxPerMinute) * 60, turns * each);
}

function askedIn(scope: Asked['scope'], { maxInProgress, perSite }: JobPace): number {
  return scope === 'site' && perSite !== null ? Math.min(perSite, maxInProgress) : maxInProgress;
}

function turnsOf({ gateways, max }: Fewer): number {
  return gateways / max;
}
