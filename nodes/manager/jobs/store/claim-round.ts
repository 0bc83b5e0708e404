import type { GuardRefusal } from '../job-guard.js';

/** What a round over all jobs knows already, so that it does not look in vain again and again. */
export interface Round {
  /** Slots have come back: what waits for the guard or a stop is looked at, whatever its time. */
  heldAreDue: boolean;
  /** The scopes of which the guard gives no slots now. */
  refused: Refused;
  /** The sites on which something like this job may not be begun now, by the id of the job. */
  shut: Map<string, Set<string>>;
}

/** The scopes that the guard refused. */
export interface Refused {
  fleet: boolean;
  sites: Set<string>;
  models: Set<string>;
  sets: Set<string>;
}

export function newRound(heldAreDue: boolean): Round {
  return { heldAreDue, refused: nothingRefused(), shut: new Map() };
}

export function nothingRefused(): Refused {
  return { fleet: false, sites: new Set(), models: new Set(), sets: new Set() };
}

/** Leaves a scope out for the rest of the round. */
export function leaveOut(refused: Refused, { scope, value }: GuardRefusal): void {
  if (scope === 'fleet') refused.fleet = true;
  else if (scope === 'site') refused.sites.add(value);
  else if (scope === 'model') refused.models.add(value);
  else refused.sets.add(value);
}

/** Leaves sites out for a job, for the rest of the round. */
export function leaveOutSites({ shut }: Round, job: string, sites: Iterable<string>): void {
  const known = shut.get(job) ?? new Set();
  for (const site of sites) known.add(site);
  shut.set(job, known);
}
