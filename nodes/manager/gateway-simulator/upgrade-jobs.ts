import type { UpgradeFault } from './faults.js';
import { isJson } from './merge.js';
import type { Json } from './resource-templates.js';
import { fileNameOf } from './upgrade-package.js';
import { type ApiAnswer, apiError } from './wire.js';

interface Step {
  name: string;
  type: 'download' | 'install';
  /** Begin and end, ms of running time since the job began. */
  from: number;
  to: number;
}

interface Job {
  id: number;
  /** The request, with the defaults filled in. */
  parameter: Json & { url: string; install: boolean; snapshot: boolean };
  steps: readonly Step[];
  createdAt: number;
  /** When it was first started, ms since the epoch; null before. */
  pendingAt: number | null;
  /** How long it had run when it was last suspended, ms. */
  ranMs: number;
  /** Since when it runs, ms since the epoch; null while it does not. */
  runningSince: number | null;
  ended: { state: 'succeed' | 'failed' | 'canceled'; at: number; lastState: string } | null;
  /** It shows as running, but makes no progress any more. */
  isStuck: boolean;
  errorMessage: string | null;
  isDeleted: boolean;
  /** Counts up with each start, suspension and end. Timers from an earlier turn do nothing. */
  turn: number;
}

export interface UpgradeJobsOptions {
  /** How many times faster than a real gateway. */
  timeScale: number;
  /** True where a job starts by itself some time after it was created; otherwise it waits for PUT .../start. */
  startsByItself: boolean;
  /** Whether a job makes a snapshot first if its request does not say so. */
  snapshotByDefault(): boolean;
  /** How upgrades fail at present; undefined: they do not. */
  fault(): UpgradeFault | undefined;
  /** Why the package cannot be installed; null if it can. */
  misfit(url: string): string | null;
  /** Called when the MQTT application is replaced: the gateway has no MQTT connection for this time, ms. */
  onCut(forMs: number): void;
  /** Called at the end. With a snapshot, the gateway reboots by itself; without, the new versions show after the next reboot. */
  onInstalled(url: string, snapshot: boolean): void;
  /** Called when the gateway goes back to the snapshot, which takes this time, ms. */
  onRollback(forMs: number): void;
  later(work: () => void, afterMs: number): void;
}

export interface UpgradeJobs {
  /** Answers `/upgrades` and all paths below. */
  handle(method: string, path: string, requestBody: unknown): ApiAnswer;
  /** Answers GET `/jobs`. */
  jobs(): ApiAnswer;
}

const SELF_START_S = 120;
const PENDING_S = 2;
const DOWNLOAD_S = 181;
/** How long a snapshot takes, measured from outside, since no task of a job shows it. */
const SNAPSHOT_S = 780;
const ROLLBACK_S = 420;
const DOWNLOAD_BYTES = 214_501_856;
const DOWNLOAD_KB_PER_S = 1215;
/** The tasks of an installation and how long each takes on a real gateway, in seconds, as measured. */
const INSTALL_S = [
  ['system-agent', 10],
  ['moby', 9],
  ['appman', 58],
  ['tagservice', 152],
  ['edge-web', 1],
  ['device', 149],
  ['modbusmaster', 70],
  ['cloud', 192],
  ['device-configuration', 2],
  ['complete-installation', 3],
] as const;

const NOT_ALLOWED = apiError(400, 'state is not allowed to change');

/**
 * Creates the upgrades of one gateway. The progress of a job is calculated from the time whenever it is read. Only its effects
 * need timers: the gateway has no MQTT connection while `cloud` is replaced, and has new versions at the end.
 */
export function createUpgradeJobs(options: UpgradeJobsOptions): UpgradeJobs {
  const { timeScale, later } = options;
  const jobs: Job[] = [];
  const ms = (seconds: number) => (seconds * 1000) / timeScale;

  function create(body: Json): ApiAnswer {
    const earlier = body.id === undefined ? undefined : jobs.find(({ id }) => id === body.id);
    if (body.id !== undefined && (earlier === undefined || stateOf(earlier) !== 'succeed')) {
      return apiError(400, 'download is not found');
    }
    const url = earlier?.parameter.url ?? body.url;
    if (typeof url !== 'string' || !/^https?:\/\/[^/]+\/.*\.(yaml|yml|deb)$/.test(url)) {
      return apiError(400, 'unsupported file format');
    }
    if (jobs.some(isActive)) return apiError(400, 'another upgrade is running');
    const install = earlier !== undefined || body.install === true;
    const snapshot = typeof body.snapshot === 'boolean' ? body.snapshot : options.snapshotByDefault();
    const job: Job = {
      id: jobs.length + 1,
      parameter: {
        at: body.at ?? null,
        deleteFileAfterInstallComplete: body.deleteFileAfterInstallComplete ?? true,
        download: earlier === undefined,
        id: earlier?.id ?? null,
        install,
        snapshot,
        url,
      },
      steps: stepsFor(earlier === undefined ? fileNameOf(url) : null, install, snapshot, ms),
      createdAt: Date.now(),
      pendingAt: null,
      ranMs: 0,
      runningSince: null,
      ended: null,
      errorMessage: null,
      isStuck: false,
      isDeleted: false,
      turn: 0,
    };
    jobs.push(job);
    if (options.startsByItself && body.at === undefined) {
      later(() => void act(job, 'start'), ms(SELF_START_S));
    }
    return shown(job);
  }

  function run(job: Job): void {
    job.pendingAt ??= Date.now();
    job.runningSince = Date.now();
    const turn = ++job.turn;
    const at = (place: number, work: () => void) => {
      if (place < job.ranMs) return;
      later(() => void (job.turn === turn && work()), place - job.ranMs);
    };
    const [first] = job.steps;
    if (first?.type === 'download') at((first.from + first.to) / 2, () => fillDisk(job));
    const installing = job.steps.find(({ type }) => type === 'install');
    if (installing) at(installing.from, () => checkPackage(job));
    const halfway = job.steps.find(({ name, type }) => name === 'device' && type === 'install');
    if (halfway) at((halfway.from + halfway.to) / 2, () => getStuck(job));
    const cloud = job.steps.find(({ name, type }) => name === 'cloud' && type === 'install');
    if (cloud) at(cloud.from, () => options.onCut(cloud.to - cloud.from));
    at(job.steps.at(-1)!.to, () => complete(job));
  }

  function complete(job: Job): void {
    const { install, url, snapshot } = job.parameter;
    if (install && options.fault() === 'rollback') {
      fail(job, snapshot ? 'installation failed, the system has been rolled back' : 'installation failed');
      if (snapshot) options.onRollback(ms(ROLLBACK_S));
      return;
    }
    end(job, 'succeed');
    if (install) options.onInstalled(url, snapshot);
  }

  function fillDisk(job: Job): void {
    if (options.fault() === 'disk_full') fail(job, 'no space left on device');
  }

  function checkPackage(job: Job): void {
    const fault = options.fault() === 'bad_package' ? 'package is broken' : options.misfit(job.parameter.url);
    if (fault !== null) fail(job, fault);
  }

  function getStuck(job: Job): void {
    if (options.fault() !== 'hang') return;
    hold(job);
    job.isStuck = true;
  }

  function fail(job: Job, errorMessage: string): void {
    job.errorMessage = errorMessage;
    end(job, 'failed');
  }

  function hold(job: Job): void {
    job.ranMs = progressOf(job);
    job.runningSince = null;
    job.turn += 1;
  }

  function end(job: Job, state: 'succeed' | 'failed' | 'canceled'): void {
    const lastState = stateOf(job);
    hold(job);
    // A timer may fire slightly early, and a job that has succeeded must show all tasks as done.
    if (state === 'succeed') job.ranMs = job.steps.at(-1)!.to;
    job.ended = { state, at: Date.now(), lastState };
  }

  function act(job: Job, action: string): ApiAnswer {
    const state = stateOf(job);
    const isDownloading = state === 'running' && stepAt(job)?.type === 'download';
    if (action === 'start' && state === 'created' && !job.isDeleted && !jobs.some(isActive)) run(job);
    else if (action === 'suspend' && isDownloading) hold(job);
    else if (action === 'resume' && state === 'suppended') run(job);
    else if (action === 'cancel' && job.ended === null) end(job, 'canceled');
    else return NOT_ALLOWED;
    return shown(job);
  }

  function remove(job: Job): ApiAnswer {
    if (job.isDeleted) return apiError(400, 'file had been deleted');
    if (isActive(job)) return NOT_ALLOWED;
    job.isDeleted = true;
    return { status: 204, payload: null };
  }

  function shown(job: Job): ApiAnswer {
    return { status: 200, payload: { data: show(job) } };
  }

  return {
    handle(method, path, requestBody) {
      const [, , id, action] = path.split('/');
      if (id === undefined) {
        if (method === 'GET') return listed(jobs.map(show));
        if (method !== 'POST') return apiError(404, 'page not found');
        return isJson(requestBody) ? create(requestBody) : apiError(400, 'invalid request body');
      }
      const job = jobs.find((one) => String(one.id) === id);
      if (job === undefined) return apiError(404, 'record not found');
      if (action !== undefined) return method === 'PUT' ? act(job, action) : apiError(404, 'page not found');
      if (method === 'GET') return shown(job);
      return method === 'DELETE' ? remove(job) : apiError(404, 'page not found');
    },
    jobs: () => listed(jobs.map(showAsJob)),
  };
}

function listed(data: Json[]): ApiAnswer {
  return { status: 200, payload: { count: data.length, data } };
}

function stepsFor(
  download: string | null,
  install: boolean,
  snapshot: boolean,
  ms: (seconds: number) => number,
): Step[] {
  let at = ms(PENDING_S);
  const step = (name: string, type: Step['type'], seconds: number): Step => {
    const from = at;
    at += ms(seconds);
    return { name, type, from, to: at };
  };
  const loading = download === null ? [] : [step(download, 'download', DOWNLOAD_S)];
  if (!install) return loading;
  if (snapshot) at += ms(SNAPSHOT_S);
  return [...loading, ...INSTALL_S.map(([name, seconds]) => step(name, 'install', seconds))];
}

/** How long the job has run, ms; at most until the end of its last step. */
function progressOf(job: Job): number {
  const end = job.steps.at(-1)!.to;
  return Math.min(end, job.ranMs + (job.runningSince === null ? 0 : Date.now() - job.runningSince));
}

function stepAt(job: Job): Step | undefined {
  const progress = progressOf(job);
  return job.steps.find(({ from, to }) => progress >= from && progress < to);
}

function stateOf(job: Job): string {
  if (job.ended !== null) return job.ended.state;
  if (job.pendingAt === null) return 'created';
  if (job.isStuck) return 'running';
  // The spelling of real gateways.
  if (job.runningSince === null) return 'suppended';
  return progressOf(job) < job.steps[0]!.from ? 'pending' : 'running';
}

function isActive(job: Job): boolean {
  return job.pendingAt !== null && job.ended === null;
}

function show(job: Job): Json {
  const startedAt = timeOf(job, job.steps[0]!.from);
  return {
    id: job.id,
    owner: 'system',
    state: stateOf(job),
    lastState: job.ended?.lastState ?? '',
    createdAt: iso(job.createdAt),
    pendingAt: iso(job.pendingAt),
    startedAt: iso(startedAt),
    completedAt: iso(job.ended?.at ?? null),
    triggerdAt: null,
    // Real gateways leave it at 0 even when all tasks are done.
    completedTask: 0,
    totalTask: job.steps.length,
    isDeleted: job.isDeleted,
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
    parameter: job.parameter,
    tasks: job.steps.map((step, index) => showTask(job, step, index + 1)),
  };
}

function showTask(job: Job, step: Step, id: number): Json {
  const done = Math.min(1, Math.max(0, (progressOf(job) - step.from) / (step.to - step.from)));
  const hasBegun = timeOf(job, step.from) !== null && progressOf(job) > step.from;
  const isCurrent = hasBegun && done < 1;
  return {
    id,
    name: step.name,
    type: step.type,
    state: done >= 1 ? 'succeed' : isCurrent ? stateOf(job) : 'created',
    progress: Math.floor(done * 100),
    ...(step.type === 'download'
      ? { totalSize: DOWNLOAD_BYTES, speed: isCurrent ? DOWNLOAD_KB_PER_S : 0 }
      : {}),
    startedAt: hasBegun ? iso(timeOf(job, step.from)) : null,
    completedAt: done >= 1 ? iso(timeOf(job, step.to)) : null,
  };
}

function showAsJob(job: Job): Json {
  return {
    at: job.parameter.at,
    completedAt: iso(job.ended?.at ?? null),
    createdAt: iso(job.createdAt),
    id: job.id,
    lastState: job.ended?.lastState ?? '',
    nextTriggerAt: null,
    now: job.parameter.at === null,
    owner: 'system',
    pendingAt: iso(job.pendingAt),
    resourceID: job.id,
    resourceType: 'installation',
    startedAt: iso(timeOf(job, job.steps[0]!.from)),
    state: stateOf(job),
  };
}

/**
 * When the job reached this place (ms of its running time), ms since the epoch; null if it has not. For places before the last
 * suspension the time is approximate, since earlier suspensions are not recorded.
 */
function timeOf(job: Job, place: number): number | null {
  if (job.pendingAt === null || progressOf(job) < place) return null;
  return job.runningSince !== null && place >= job.ranMs
    ? job.runningSince + place - job.ranMs
    : job.pendingAt + place;
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
