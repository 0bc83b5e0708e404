import { type ApiAnswer, apiError } from './wire.js';

interface Step {
  name: string;
  type: 'download' | 'install';
  /** How long it takes on a real gateway, s; measured. */
  seconds: number;
  totalSize?: number;
}

interface Job {
  id: number;
  url: string;
  install: boolean;
  createdAt: number;
  startedAt: number | null;
  canceledAt: number | null;
  isDeleted: boolean;
  applied: boolean;
}

export interface Versions {
  tpeVersion: string | null;
  firmwareVersion: string | null;
}

export interface UpgradeJobs {
  handle(method: string, path: string, requestBody: unknown): ApiAnswer;
}

const DOWNLOAD: Step = { name: 'package', type: 'download', seconds: 181, totalSize: 214_501_856 };
const INSTALL: readonly Step[] = (
  [
    ['system-agent', 10],
    ['appman', 58],
    ['tagservice', 152],
    ['device', 149],
    ['modbusmaster', 70],
    ['cloud', 192],
    ['complete-installation', 3],
  ] as const
).map(([name, seconds]) => ({ name, type: 'install', seconds }));

/**
 * The upgrades of one gateway. A job's state follows from the time alone; only its effects need timers: while `cloud` is
 * replaced MQTT is gone (`onCut` with its duration), and at the end the versions are new (`onInstalled`).
 */
export function createUpgradeJobs(
  timeScale: number,
  onCut: (forMs: number) => void,
  onInstalled: (versions: Versions) => void,
  later: (work: () => void, afterMs: number) => void,
): UpgradeJobs {
  const jobs: Job[] = [];
  const ms = (seconds: number) => (seconds * 1000) / timeScale;
  const stepsOf = (job: Job): readonly Step[] =>
    job.install
      ? [{ ...DOWNLOAD, name: fileName(job.url) }, ...INSTALL]
      : [{ ...DOWNLOAD, name: fileName(job.url) }];

  function create(body: { url?: unknown; install?: unknown }): ApiAnswer {
    if (typeof body.url !== 'string' || !/^https?:\/\/.+\.(yaml|yml|deb)$/.test(body.url)) {
      return apiError(400, 'unsupported file format');
    }
    const job: Job = {
      id: jobs.length + 1,
      url: body.url,
      install: body.install === true,
      createdAt: Date.now(),
      startedAt: null,
      canceledAt: null,
      isDeleted: false,
      applied: false,
    };
    jobs.push(job);
    return { status: 200, payload: { data: show(job) } };
  }

  function start(job: Job): ApiAnswer {
    if (job.startedAt !== null || job.canceledAt !== null)
      return apiError(400, 'state is not allowed to change');
    job.startedAt = Date.now();
    let after = 0;
    for (const step of stepsOf(job)) {
      const length = ms(step.seconds);
      if (step.name === 'cloud') later(() => job.canceledAt === null && onCut(length), after);
      after += length;
    }
    if (job.install) later(() => finish(job), after);
    return { status: 200, payload: { data: show(job) } };
  }

  function finish(job: Job): void {
    if (job.canceledAt !== null || job.applied) return;
    job.applied = true;
    onInstalled(versionsIn(job.url));
  }

  function cancel(job: Job): ApiAnswer {
    if (stateOf(job) === 'succeed' || job.canceledAt !== null)
      return apiError(400, 'state is not allowed to change');
    job.canceledAt = Date.now();
    return { status: 200, payload: { data: show(job) } };
  }

  function stateOf(job: Job): string {
    if (job.canceledAt !== null) return 'canceled';
    if (job.startedAt === null) return 'created';
    return stepsOf(job).reduce((sum, step) => sum + ms(step.seconds), job.startedAt) <= Date.now()
      ? 'succeed'
      : 'running';
  }

  function show(job: Job): Record<string, unknown> {
    const state = stateOf(job);
    const steps = stepsOf(job);
    let begin = job.startedAt ?? Number.POSITIVE_INFINITY;
    const tasks = steps.map((step, index) => {
      const end = begin + ms(step.seconds);
      const done = Math.min(1, Math.max(0, (Date.now() - begin) / (end - begin)) || 0);
      const task = {
        id: index + 1,
        name: step.name,
        type: step.type,
        state: done >= 1 ? 'succeed' : done > 0 ? (state === 'canceled' ? 'canceled' : 'running') : 'created',
        progress: Math.floor(done * 100),
        ...(step.totalSize ? { totalSize: step.totalSize, speed: done > 0 ? 1215 : 0 } : {}),
        startedAt: done > 0 ? iso(begin) : null,
        completedAt: done >= 1 ? iso(end) : null,
      };
      begin = end;
      return task;
    });
    return {
      id: job.id,
      owner: 'system',
      state,
      lastState: '',
      createdAt: iso(job.createdAt),
      pendingAt: job.startedAt === null ? null : iso(job.startedAt),
      startedAt: job.startedAt === null ? null : iso(job.startedAt),
      completedAt: state === 'succeed' ? (tasks.at(-1)?.completedAt ?? null) : null,
      triggerdAt: null,
      completedTask: 0,
      totalTask: tasks.length,
      isDeleted: job.isDeleted,
      parameter: {
        url: job.url,
        install: job.install,
        download: true,
        snapshot: true,
        deleteFileAfterInstallComplete: true,
        id: null,
        at: null,
      },
      tasks,
    };
  }

  function isActive(job: Job): boolean {
    return stateOf(job) === 'running';
  }

  return {
    handle(method, path, requestBody) {
      const [, , id, action] = path.split('/');
      if (id === undefined) {
        if (method === 'GET') return { status: 200, payload: { count: jobs.length, data: jobs.map(show) } };
        if (method !== 'POST') return apiError(404, 'page not found');
        if (jobs.some(isActive)) return apiError(400, 'another upgrade is running');
        return create((requestBody ?? {}) as Record<string, unknown>);
      }
      const job = jobs.find((one) => String(one.id) === id);
      if (job === undefined) return apiError(404, 'job not found');
      if (method === 'GET' && action === undefined) return { status: 200, payload: { data: show(job) } };
      if (method === 'PUT' && action === 'start') return start(job);
      if (method === 'PUT' && action === 'cancel') return cancel(job);
      if (method === 'DELETE' && action === undefined) {
        if (job.isDeleted) return apiError(400, 'file had been deleted');
        job.isDeleted = true;
        return { status: 204, payload: null };
      }
      return apiError(404, 'page not found');
    },
  };
}

/** What a package brings, from its name: `Upgrade_AIG-301_2.6.0-4499_IMG_1.7.0_to_1.8.0.yaml`, `package_2.3.0-3571-tpe_armhf.yaml`. */
function versionsIn(url: string): Versions {
  const name = fileName(url);
  return {
    tpeVersion: /_(\d+\.\d+\.\d+-\d+)/.exec(name)?.[1] ?? null,
    firmwareVersion: /_to_(\d+(?:\.\d+)*)/.exec(name)?.[1] ?? null,
  };
}

function fileName(url: string): string {
  return url.split('/').at(-1) ?? url;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
