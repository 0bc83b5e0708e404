import { stopsHold } from '../../guard/stops-hold.js';
import type { Reason } from '../../shared/reason.js';
import { type Execution, WAITING_FOR, type WaitingFor } from '../execution.js';
import type { ActiveStop } from '../job-guard.js';
import { jobReason } from '../job-reasons.js';
import type { HeldAbove } from '../store/execution-list.js';
import type { JobRow } from '../store/job-row.js';

// What all executions of a job wait for, or all of a site, is not written into each row: it is found when somebody looks.

/** What a waiting execution waits for above what its row says; null if that is all. */
export function waitsAbove(
  { id, risk, state, reason, cause }: JobRow,
  { site, model }: { site: string; model: string | null },
  stops: readonly ActiveStop[],
): { waitingFor: WaitingFor; reason: Reason } | null {
  if (stopsHold(risk)) {
    const stop = stops.find((one) => holds(one, id, site, model));
    if (stop !== undefined)
      return { waitingFor: 'stop', reason: jobReason('job-waits-stop', { by: stop.by }) };
  }
  if (state !== 'PAUSED') return null;
  return {
    waitingFor: 'paused',
    reason: reason === null ? jobReason('job-waits-paused') : { text: reason, cause },
  };
}

function holds({ scope, value }: ActiveStop, job: string, site: string, model: string | null): boolean {
  if (scope === 'fleet') return true;
  return value === { job, site, model }[scope];
}

/** The same for statements that find executions by what they wait for. */
export function heldAbove({ id, risk, state }: JobRow, stops: readonly ActiveStop[]): HeldAbove {
  const active = stopsHold(risk) ? stops : [];
  const of = (scope: ActiveStop['scope']) =>
    active.flatMap((stop) => (stop.scope === scope && stop.value !== null ? [stop.value] : []));
  const isAll = active.some(({ scope }) => scope === 'fleet') || of('job').includes(id);
  return { isStopped: isAll, sites: of('site'), models: of('model'), isPaused: state === 'PAUSED' };
}

/** An execution as it is shown. */
export function seen(execution: Execution, job: JobRow, stops: readonly ActiveStop[]): Execution {
  if (execution.state !== 'QUEUED') return execution;
  const above = waitsAbove(job, execution, stops);
  if (above === null) return execution;
  const { waitingFor, reason } = above;
  return { ...execution, waitingFor, waitingReason: reason.text, waitingCause: reason.cause, until: null };
}

export function noneWaiting(): Record<WaitingFor, number> {
  return Object.fromEntries(WAITING_FOR.map((one) => [one, 0])) as Record<WaitingFor, number>;
}
