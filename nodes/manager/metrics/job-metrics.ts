import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database } from '../database/database.js';
import type { Guard, GuardCounts } from '../guard/guard.js';
import { EXECUTION_STATES, type ExecutionState, WAITING_FOR, type WaitingFor } from '../jobs/execution.js';
import type { Jobs } from '../jobs/job.js';
import { TOKENS_EACH_S } from '../jobs/store/claim-tokens.js';
import { within } from '../shared/timeout.js';

/** The parts of which the state of jobs and of the guard is read. */
export interface ObservedWork {
  database: Database;
  jobs: Pick<Jobs, 'waiting'>;
  guard: Pick<Guard, 'counts'>;
}

/** What is counted of jobs. */
export interface JobMetrics {
  /** To be called when so many counters of a job were found to be wrong, and were corrected. */
  jobCorrected(count: number): void;
}

/** Adds the counter of what should never happen to jobs. */
export function createJobMetrics(registry: Registry): JobMetrics {
  const corrected = new Counter({
    name: 'tpedm_job_counters_corrected_total',
    help: 'Counters of jobs that differed from their gateways and were corrected; each one is a fault of this program.',
    registers: [registry],
  });
  return { jobCorrected: (count) => corrected.inc(count) };
}

/** How long a scrape waits for a database that is away or busy, ms. */
const WITHIN_MS = 2000;

/** The counters in the rows of open jobs. */
const COUNTS = `
  select ${EXECUTION_STATES.map((state) => `coalesce(sum(${state.toLowerCase()}), 0)::integer as "${state}"`).join(', ')}
  from tpe_job where state in ('CREATING', 'RUNNING', 'PAUSED', 'CANCELING')`;
const WAITING_JOBS = `
  select id::text as id from tpe_job where state in ('RUNNING', 'PAUSED', 'CANCELING') and queued > 0 order by id`;
/** A running job is looked at each second, and its bucket of tokens written when it is so old at the latest. */
const LAG = `
  select greatest(0, coalesce(max(extract(epoch from clock_timestamp() - job.tokens_at)), 0) - ${TOKENS_EACH_S})::double precision as seconds
  from tpe_job job
  where job.state = 'RUNNING' and exists (
    select from tpe_job_execution execution
    where execution.job = job.id and execution.state = 'QUEUED' and execution.next_at <= now())`;

/**
 * Adds gauges of what jobs do and what the guard holds. They are read at each scrape from the database, so they are the same for all
 * managers on it, and missing while it is away.
 */
export function addWorkMetrics(registry: Registry, { database, jobs, guard }: ObservedWork): void {
  const gauge = <Value>(
    { name, help, labelNames = [] }: { name: string; help: string; labelNames?: string[] },
    read: () => Promise<Value>,
    fill: (gauge: Gauge, value: Value) => void,
  ) =>
    new Gauge({
      ...{ name, help, labelNames, registers: [registry] },
      async collect() {
        const value = await within(
          WITHIN_MS,
          read().catch(() => null),
          () => null,
        );
        this.reset();
        if (value !== null) fill(this, value);
        // `reset` leaves a gauge without labels at 0.
        else if (labelNames.length === 0) this.remove();
      },
    });

  gauge(
    {
      name: 'tpedm_job_executions',
      help: 'Gateways of open jobs, by how they stand.',
      labelNames: ['state'],
    },
    async () => (await database.query<Record<ExecutionState, number>>(COUNTS))[0]!,
    (gauges, counts) => {
      for (const state of EXECUTION_STATES) gauges.set({ state }, counts[state]);
    },
  );
  gauge(
    {
      name: 'tpedm_job_waiting',
      help: 'Gateways of open jobs that wait, by what for.',
      labelNames: ['for'],
    },
    () => countWaiting(database, jobs),
    (gauges, counts) => {
      for (const what of WAITING_FOR) gauges.set({ for: what }, counts[what]);
    },
  );
  gauge(
    {
      name: 'tpedm_job_start_lag_seconds',
      help: 'How long ago a running job with gateways to begin was last looked at: the longest.',
    },
    async () => (await database.query<{ seconds: number }>(LAG))[0]!.seconds,
    (gauges, seconds) => gauges.set(Math.max(0, seconds)),
  );
  addGuard(gauge, guard);
}

type AddGauge = <Value>(
  told: { name: string; help: string; labelNames?: string[] },
  read: () => Promise<Value>,
  fill: (gauge: Gauge, value: Value) => void,
) => void;

function addGuard(gauge: AddGauge, { counts }: Pick<Guard, 'counts'>): void {
  const read = (): Promise<GuardCounts> => counts();
  gauge(
    {
      name: 'tpedm_guard_holds',
      help: 'Gateways that are disturbed now, and sites, models and redundancy sets that have one.',
      labelNames: ['scope'],
    },
    read,
    (gauges, { fleet, site, model, set }) => {
      for (const [scope, count] of Object.entries({ fleet, site, model, set })) gauges.set({ scope }, count);
    },
  );
  gauge(
    { name: 'tpedm_guard_stuck', help: 'Gateways that have not become well again, and still hold a slot.' },
    read,
    (gauges, { stuck }) => gauges.set(stuck),
  );
  gauge(
    { name: 'tpedm_stops_active', help: 'Stops that hold back all that is not a read.' },
    read,
    (gauges, { stops }) => gauges.set(stops),
  );
}

async function countWaiting(
  database: Database,
  jobs: Pick<Jobs, 'waiting'>,
): Promise<Record<WaitingFor, number>> {
  const counts = Object.fromEntries(WAITING_FOR.map((what) => [what, 0])) as Record<WaitingFor, number>;
  for (const { id } of await database.query<{ id: string }>(WAITING_JOBS)) {
    const waiting = await jobs.waiting(id);
    for (const what of WAITING_FOR) counts[what] += waiting[what];
  }
  return counts;
}
