import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Database } from '../database/database.js';
import type { Registry } from '../registry/registry.js';
import { createEnding } from '../shared/ending.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import type { Sites } from '../sites/sites.js';
import { createActs } from './control/acts.js';
import { type Control, createControl } from './control/control.js';
import { createExecutions, pauseRecording } from './control/creation.js';
import { createDispatch } from './control/dispatch.js';
import { createDraftActs } from './control/draft-acts.js';
import { createEngineLoop, type EngineLoop } from './control/engine-loop.js';
import { createGatherer } from './control/gatherer.js';
import { createNews } from './control/news.js';
import { createReads } from './control/reads.js';
import { createRuns } from './control/runs.js';
import { createSlotReturn } from './control/slot-return.js';
import { createTakeover } from './control/takeover.js';
import type { JobTiming } from './control/timing.js';
import type { AttemptResult } from './execution.js';
import type { JobNews, Jobs } from './job.js';
import type { JobGuard } from './job-guard.js';
import type { JobPlanner } from './planner.js';
import type { RunExecution } from './run/run-execution.js';
import { windowsAreDue } from './store/claim-windows.js';
import { createDecisions, type Decided } from './store/decisions.js';
import type { JobRow } from './store/job-row.js';
import { readJobs } from './store/lists.js';
import { gatewaysOnline } from './store/moves.js';
import { createCheckpoints, notePaid } from './store/under-way.js';

export interface JobEngineOptions {
  database: Database;
  registry: Pick<Registry, 'list' | 'counts'>;
  planner: JobPlanner;
  guard: JobGuard;
  sites: Pick<Sites, 'shut'>;
  run: RunExecution;
  schedule: Schedule;
  instance: string;
  timing: JobTiming;
  /** Whether an offline presence can be trusted. */
  knowsPresence(): boolean;
  /** Whether requests can be sent from here, or by another manager. */
  canSend(): boolean;
  /** Asks a gateway for the end of an installation. Rejects with CONFLICT if it has ended. */
  cancelInstallation(id: string, by: string): Promise<unknown>;
  onChange(news: JobNews): void;
  /** Tells the other managers that a job has changed. */
  broadcast(id: string): void;
  /** So many counters of a job were found to be wrong, and were corrected. */
  onCorrected(job: string, count: number): void;
  onFault(text: string): void;
}

export interface JobEngine extends Jobs {
  /** Goes on with what was open when the manager last stopped, as soon as the database is there. */
  start(): void;
  /** Takes over the work of dead managers and catches up on lost messages. Does nothing before `start`. */
  maintain(): Promise<void>;
  /** Gateways have connected; the news are gathered for a moment. */
  gatewayOnline(clientids: readonly string[]): void;
  /** What waits for a gateway that was retired ends as REMOVED. */
  gatewayRetired(clientid: string): Promise<void>;
  /** The same for one that is disabled; the news are gathered for a moment. */
  gatewayDisabled(clientid: string): void;
  /** Something may begin now: a gateway is free, the broker is back. */
  wake(): void;
  /** The same, also of what waits for the guard or a stop: a slot came back, a limit has changed, a stop was lifted. */
  guardChanged(): void;
  /** The same of what waits for a window: a site was set or removed, here or through another manager. */
  sitesChanged(): Promise<void>;
  catalogueChanged(): void;
  /** Applies what another manager wrote to these jobs. */
  changedElsewhere(ids: readonly string[]): Promise<void>;
  /** How many are under way here, for metrics. */
  underWay(): number;
  close(): Promise<void>;
}

/** Creates the engine of jobs on a migrated database. Nothing of a job is only in memory: any manager can go on with it. */
export function createJobs(options: JobEngineOptions): JobEngine {
  const { database, instance, timing, onFault } = options;
  const closing = createEnding();
  const { signal } = closing;
  const checkpoints = createCheckpoints(database, instance);
  const decisions = createDecisions(database);
  const news = createNews({
    everyMs: timing.newsMs,
    onChange: options.onChange,
    broadcast: options.broadcast,
  });
  let isStarted = false;

  function onDecided(decided: NonNullable<Decided>, result: AttemptResult): void {
    news.changed(decided.job);
    free(decided, result);
    loop.wake();
  }

  const free = createSlotReturn({ ...options, signal });

  const runs = createRuns({
    ...{ instance, run: options.run, checkpoints, decisions, onDecided, onFault },
    paid: (attempt) => notePaid(database, attempt, instance),
  });
  const takeover = createTakeover({ database, instance, runs, most: timing.mostUnderWay });
  const onChanged = (row: JobRow) => {
    news.changed(row);
    void takeover.giveUpLost([row.id]).catch(fault);
    loop.wake();
  };
  const dispatch = createDispatch({
    ...options,
    signal,
    places: timing.mostUnderWay,
    underWay: (job) => runs.works().filter((work) => work.job === job).length,
    free: () => (options.canSend() ? timing.mostUnderWay - runs.count() : 0),
    begin: runs.begin,
    onChanged: (row) => news.changed(row),
  });
  const control = createControl({
    ...options,
    signal,
    onChanged,
    onEnded({ job, clientid, attempts }, decided) {
      runs.giveUp({ job, clientid, attempt: attempts });
      news.changed(decided.job);
      free(decided, { state: 'TIMED_OUT', reason: null, isUncertain: true, mayRepeat: false });
      loop.wake();
    },
  });
  const loop = createEngineLoop({
    database,
    timing,
    signal,
    begin: dispatch.round,
    control: control.round,
    upkeep: control.upkeep,
    recover: takeover.adopt,
    create: (id) => createExecutions({ ...options, signal }, id),
    giveUp: (id, reason) => pauseRecording(options, id, reason),
    onChanged,
    onFault,
  });
  const gathered = gatherGateways({ ...options, loop, control });

  function fault(error: unknown): void {
    if (!signal.aborted && !isClosed(error)) onFault(`Jobs could not be looked after: ${messageOf(error)}`);
  }

  async function sitesChanged(): Promise<void> {
    await windowsAreDue(database, signal).catch(fault);
    loop.wake();
  }

  return {
    ...createDraftActs({ ...options, onChanged }),
    ...createActs({ ...options, onChanged }),
    ...createReads(options),
    start() {
      isStarted = true;
      // Its first look takes up what is under way, and does so again until the database lets it.
      loop.start();
      // The rules of time zones may be others than before.
      void sitesChanged();
    },
    async maintain() {
      if (!isStarted || signal.aborted) return;
      await takeover.adopt();
      await takeover.giveUpLost();
      news.compare(await readJobs(database, news.open()));
      loop.wake();
    },
    gatewayOnline: gathered.online,
    gatewayRetired: (clientid) => control.removed([clientid], 'retired'),
    gatewayDisabled: (clientid) => gathered.disabled([clientid]),
    wake: loop.wake,
    guardChanged: loop.guardChanged,
    sitesChanged,
    catalogueChanged() {
      dispatch.catalogueChanged();
      loop.wake();
    },
    async changedElsewhere(ids) {
      for (const row of await readJobs(database, ids)) news.changedElsewhere(row);
      await takeover.giveUpLost(ids);
      loop.wake();
    },
    underWay: runs.count,
    async close() {
      closing.abort(new TpeError('CLOSED', 'The device manager is closing.'));
      gathered.close();
      // Attempts wait for what they write, and while the database is away only the closing ends that.
      await Promise.all([runs.close(), checkpoints.close(), decisions.close()]);
      await loop.close();
      news.close();
    },
  };
}

/** Gathers what becomes of gateways; while no job is open, nobody asks for it. */
function gatherGateways({
  database,
  timing,
  loop,
  control,
  broadcast,
}: Pick<JobEngineOptions, 'database' | 'timing' | 'broadcast'> & { loop: EngineLoop; control: Control }) {
  const disabled = createGatherer(timing.gatherMs, async (clientids) => {
    if (loop.mayHaveOpen()) await control.removed(clientids, 'disabled');
  });
  const online = createGatherer(timing.gatherMs, async (clientids) => {
    if (!loop.mayHaveOpen()) return;
    const jobs = await gatewaysOnline(database, clientids);
    for (const id of jobs) broadcast(id);
    if (jobs.length > 0) loop.wake();
  });
  return {
    online: online.add,
    disabled: disabled.add,
    close() {
      online.close();
      disabled.close();
    },
  };
}

function isClosed(error: unknown): boolean {
  return error instanceof TpeError && error.code === 'CLOSED';
}
