import { EventEmitter } from 'node:events';
import type { Rating } from '../../../nodes/manager/catalogue/risk.js';
import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { JOB_TIMING, type JobTiming } from '../../../nodes/manager/jobs/control/timing.js';
import { createJobs, type JobEngine } from '../../../nodes/manager/jobs/create-jobs.js';
import type { JobPace } from '../../../nodes/manager/jobs/definition/definition.js';
import type { AttemptResult, Execution, ExecutionWork } from '../../../nodes/manager/jobs/execution.js';
import type { Job, JobNews, JobPreview } from '../../../nodes/manager/jobs/job.js';
import type { ActiveStop, GuardRefusal, JobGuard } from '../../../nodes/manager/jobs/job-guard.js';
import type { JobPlanner, PlannedJob } from '../../../nodes/manager/jobs/planner.js';
import { isForced, type RunExecution } from '../../../nodes/manager/jobs/run/run-execution.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import type { Targets } from '../../../nodes/manager/registry/targets.js';
import { wordsOfOthers } from '../../../nodes/manager/shared/reason.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { unlessClosed } from '../../../nodes/manager/shared/unless-closed.js';
import { createSites } from '../../../nodes/manager/sites/create-sites.js';
import { errorOf } from '../../support/errors.js';
import { patience } from '../../support/patience.js';

/** The engine in a hurry. */
const HURRY: JobTiming = {
  ...JOB_TIMING,
  ...{ lookMs: 30, leastMs: 1, restMs: 30, controlMs: 1, turnMs: 1000, sweepMs: 0, recountS: 0, graceS: 0 },
  ...{ gatherMs: 1, newsMs: 1 },
};

export const DONE: AttemptResult = { state: 'SUCCEEDED', reason: null, isUncertain: false, mayRepeat: false };
export const FAILED: AttemptResult = {
  ...{ state: 'FAILED', reason: wordsOfOthers('it said no') },
  ...{ isUncertain: false, mayRepeat: true },
};

export interface JobRig {
  database: Database;
  jobs: JobEngine;
  /** All that was told, in order. */
  told: JobNews[];
  /** What was begun, in order. */
  begun: ExecutionWork[];
  /** Each signal of an attempt, by client id. */
  signals: Map<string, AbortSignal>;
  faults: string[];
  broadcasts: string[];
  stops: ActiveStop[];
  /** Client ids that the guard refuses, each a set of its own. */
  refused: Set<string>;
  held: Set<string>;
  /** How slots were given back, by client id. */
  slotEnds: Map<string, string>;
  /** Installations that were asked to end. */
  takenBack: string[];
  /** What an attempt does, until it is given up; default: it succeeds. */
  run: RunExecution;
  /** The last step of each job is done in any case. */
  closesAlways: boolean;
  /** How long a window has to stay open, s. */
  neededSeconds: number;
  /** How the catalogue rates what is done; an error: it has left. */
  rating: Rating | Error;
  /** Records and submits a job. */
  begin(targets: Job['definition']['targets'], pace?: Partial<JobPace>): Promise<Job>;
  /** Resolves with the job when the condition holds. */
  when(id: string, condition: (job: Job) => boolean): Promise<Job>;
  /** Resolves when the condition holds, which is asked again with each news and look. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
  executions(id: string): Promise<Execution[]>;
}

export interface RigOptions {
  instance?: string;
  timing?: Partial<JobTiming>;
  /** False: the engine is not started, so that only acts are done. */
  starts?: boolean;
  /** False: the broker does not tell who is connected. */
  knowsPresence?: boolean;
  /** The guard; default: a stand-in by `stops` and `refused`. */
  guard?: JobGuard;
}

const PACE: JobPace = {
  ...{ maxPerMinute: 6000, maxInProgress: 500, perSite: null, jitterSeconds: 0, inProgressSeconds: 600 },
  outsideWindows: false,
  ...{ offlineSeconds: 3600, retryFailed: 0, retryTimedOut: 0, backoffSeconds: 1 },
};

/** An engine of jobs on a database, with stand-ins for what decides about definitions and for what is done to a gateway. */
export async function openJobRig(database: Database, options: RigOptions = {}): Promise<JobRig> {
  const { instance = 'test', timing, starts = true, knowsPresence = true } = options;
  const news = new EventEmitter();
  news.setMaxListeners(0);
  const registry = createRegistry(database, () => Promise.resolve());
  const rig: JobRig = {
    ...{ database, told: [], begun: [], signals: new Map(), faults: [], broadcasts: [], stops: [] },
    ...{
      refused: new Set(),
      held: new Set(),
      slotEnds: new Map(),
      takenBack: [],
      run: async () => DONE,
      closesAlways: false,
      neededSeconds: 60,
      rating: { risk: 'write', classes: [] },
    },
    jobs: null as unknown as JobEngine,
    async begin(targets, pace = {}) {
      const given = {
        name: 'test',
        do: { command: { operation: 'x' } },
        targets,
        note: JSON.stringify(pace),
      };
      const job = await rig.jobs.create(given, { by: 'me' });
      return await rig.jobs.submit(job.id, { by: 'me' });
    },
    async when(id, condition) {
      let job: Job | null = null;
      await rig.until(async () => {
        job = await rig.jobs.get(id);
        return job !== null && condition(job);
      });
      return job!;
    },
    async until(condition) {
      const end = performance.now() + patience(20_000);
      while (!(await condition())) {
        if (performance.now() > end) throw new Error(`in vain; faults: ${rig.faults.join(' ')}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 20);
          news.once('news', () => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
    },
    async executions(id) {
      return (await rig.jobs.executions(id, { limit: 500 })).items;
    },
  };
  rig.jobs = createJobs({
    ...{
      database,
      registry,
      instance,
      planner: standInPlanner(rig),
      guard: options.guard ?? standInGuard(rig),
      sites: createSites({ database, onChanged: () => rig.jobs.sitesChanged() }),
    },
    schedule: createSchedule(database, instance),
    timing: { ...HURRY, ...timing },
    knowsPresence: () => knowsPresence,
    canSend: () => true,
    async cancelInstallation(id) {
      rig.takenBack.push(id);
    },
    async run(work, how) {
      rig.begun.push(work);
      rig.signals.set(work.clientid, how.signal);
      news.emit('news');
      await how.onStep(work.step, work.failure, null);
      // It may have been given up while the step was noted: then nothing tells so any more. What is owed is done all the same.
      const isOwed = isForced(how.signal) && work.failure !== null;
      return await unlessClosed(isOwed ? how.closing : how.signal, rig.run(work, how));
    },
    onChange(one) {
      rig.told.push(one);
      news.emit('news');
    },
    broadcast: (id) => void rig.broadcasts.push(id),
    onCorrected: (_job, count) => void rig.faults.push(`corrected ${count}`),
    onFault: (text) => void rig.faults.push(text),
  });
  if (starts) rig.jobs.start();
  return rig;
}

/** A database that can be taken away: then all that is asked of it fails. */
export function takenAway(database: Database): { database: Database; away(is: boolean): void } {
  let isAway = false;
  const guarded =
    <Args extends unknown[], Result>(ask: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      isAway ? Promise.reject(new TpeError('UNAVAILABLE', 'The database is away.')) : ask(...args);
  return {
    database: {
      ...database,
      query: guarded(database.query) as Database['query'],
      transaction: guarded(database.transaction) as Database['transaction'],
    },
    away(is) {
      isAway = is;
    },
  };
}

function standInPlanner(rig: JobRig): JobPlanner {
  const rate = () => {
    if (rig.rating instanceof Error) throw rig.rating;
    return rig.rating;
  };
  return {
    async parse(given): Promise<PlannedJob> {
      const { perTarget, ...definition } = given as PlannedJob['definition'] & {
        perTarget?: Record<string, unknown>[];
      };
      if (definition.name === '') throw new TpeError('INVALID_INPUT', '"name" is empty.', { field: 'name' });
      const values = perTarget?.map(({ clientid, ...value }) => [String(clientid), value] as const);
      const note = definition.note?.startsWith('{') ? (JSON.parse(definition.note) as Partial<JobPace>) : {};
      return {
        definition,
        steps: [
          {
            ...{ name: '', always: rig.closesAlways, kind: 'command', verify: null },
            command: { operation: 'x', ...definition.do.command },
          },
        ],
        pace: { ...PACE, ...note, ...definition.rollout } as JobPace,
        rating: rate(),
        hash: 'abc',
        values: values === undefined ? null : new Map(values),
        targets: targetsOf(definition.targets),
      };
    },
    rate,
    leavesRestarting: (steps) =>
      steps.some((step) => step.kind === 'command' && step.command.untilWell === false),
    whyNot: ({ clientid }) => (clientid.startsWith('unfit') ? wordsOfOthers('unfit') : null),
    neededSeconds: () => rig.neededSeconds,
    mostGateways: () => 100_000,
    preview: () => Promise.resolve({} as JobPreview),
    orderOf: (_seed, clientid) => backwards(clientid),
    async previewHash(hash, clientids) {
      const all: string[] = [];
      for await (const clientid of clientids) all.push(clientid);
      all.sort((one, other) => backwards(one) - backwards(other));
      return `${hash} ${all.join(' ')}`;
    },
  };
}

/** So that nobody takes the order of the client ids for that of the job. */
function backwards(clientid: string): number {
  return 4_294_967_295 - (Number(/\d+/.exec(clientid)?.[0] ?? 0) % 1_000_000);
}

function targetsOf({ ids, filter, all }: PlannedJob['definition']['targets']): Targets {
  if (ids !== undefined) return { kind: 'list', clientids: ids };
  if (all) return { kind: 'all' };
  return { kind: 'filter', filter: filter as { site?: string } };
}

function standInGuard(rig: JobRig): JobGuard {
  return {
    stops: () => Promise.resolve(rig.stops),
    disturbs: ({ risk }) => risk === 'disruptive' || risk === 'destructive',
    async takeMany(_transaction, requests, most) {
      const answers: (GuardRefusal | null)[] = [];
      for (const { clientid } of requests) {
        if (answers.filter((answer) => answer === null).length >= most) break;
        const refusal = {
          scope: 'set',
          value: clientid,
          reason: wordsOfOthers('its partner is away'),
        } as const;
        answers.push(rig.refused.has(clientid) ? refusal : null);
        if (!rig.refused.has(clientid)) rig.held.add(clientid);
      }
      return answers;
    },
    holdsChanged: () => undefined,
    async ended({ id }, how) {
      const clientid = id.slice(id.indexOf('/') + 1, id.lastIndexOf('/'));
      rig.slotEnds.set(clientid, how);
      rig.held.delete(clientid);
    },
  };
}

/** Registers gateways `gw-1` and on, on sites `site-0` to `site-9`. */
export async function addGateways(
  database: Database,
  count: number,
  { online = true, prefix = 'gw-' }: { online?: boolean; prefix?: string } = {},
): Promise<string[]> {
  await database.query(
    `insert into clientid_profile (clientid, site, model_name, firmware_version, created_at)
     select $1::text || number, 'site-' || number % 10, 'AIG-301', '1.6', 1 from generate_series(1, $2::integer) number`,
    [prefix, count],
  );
  await database.query(
    `insert into mqtt_user (clientid, username, password, salt, is_superuser)
     select $1::text || number, $1::text || number, '', '', false from generate_series(1, $2::integer) number`,
    [prefix, count],
  );
  const ids = Array.from({ length: count }, (_one, index) => `${prefix}${index + 1}`);
  if (online) await setPresence(database, ids, 'online');
  return ids;
}

export async function setPresence(
  database: Database,
  clientids: readonly string[],
  status: 'online' | 'offline',
): Promise<void> {
  await database.query(
    'update tpe_presence set status = $2, since = now() where clientid = any($1::text[])',
    [clientids, status],
  );
}

/** How many executions are in each state, counted now; as the counters of the job should have it. */
export async function countNow(database: Database, id: string): Promise<Record<string, number>> {
  const rows = await database.query<{ state: string; count: number }>(
    'select state, count(*)::integer as count from tpe_job_execution where job = $1::bigint group by state',
    [id],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** What a call is refused with. */
export async function refusalOf(promise: Promise<unknown>): Promise<TpeError> {
  const error = await errorOf(promise);
  if (error instanceof TpeError) return error;
  throw error;
}
