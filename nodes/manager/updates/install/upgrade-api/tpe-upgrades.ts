import type { FromSchema } from 'json-schema-to-ts';
import { isSuccess } from '../../../protocol/answer.js';
import { guard } from '../../../shared/guard.js';
import { type Reason, wordsOfOthers } from '../../../shared/reason.js';
import { installationReason } from '../installation-reasons.js';
import type { GatewayUpgrades, ListedUpgrade, UpgradeReport } from './gateway-upgrades.js';

const TASK = {
  type: 'object',
  properties: {
    name: { type: ['string', 'null'] },
    type: { type: ['string', 'null'] },
    state: { type: ['string', 'null'] },
    progress: { type: ['number', 'null'] },
    totalSize: { type: ['number', 'null'] },
  },
} as const;

const JOB = {
  type: 'object',
  properties: {
    // The pattern is strict, since the id is put into paths.
    id: { type: ['integer', 'string'], pattern: '^[\\w-]{1,64}$' },
    state: { type: 'string' },
    isDeleted: { type: ['boolean', 'null'] },
    errorMessage: { type: ['string', 'null'] },
    parameter: {
      type: ['object', 'null'],
      properties: { url: { type: ['string', 'null'] }, snapshot: { type: ['boolean', 'null'] } },
    },
    tasks: { type: ['array', 'null'], items: TASK },
  },
  required: ['id', 'state'],
} as const;

type Task = FromSchema<typeof TASK>;
type Job = FromSchema<typeof JOB>;

const isJob = guard<Job>(JOB);

/** The vendor's words for states, and other spellings of them. */
const STATES = new Map<string, UpgradeReport['state']>([
  ['created', 'created'],
  ['pending', 'running'],
  ['running', 'running'],
  ['resuming', 'running'],
  ['canceling', 'running'],
  ['cancelling', 'running'],
  ['suppending', 'suspended'],
  ['suppended', 'suspended'],
  ['suspending', 'suspended'],
  ['suspended', 'suspended'],
  ['succeed', 'succeeded'],
  ['succeeded', 'succeeded'],
  ['success', 'succeeded'],
  ['failed', 'failed'],
  ['fail', 'failed'],
  ['canceled', 'canceled'],
  ['cancelled', 'canceled'],
]);

/** How long tasks take on a real gateway, s: the weights of their progress. */
const SECONDS = new Map<string, number>([
  ['system-agent', 10],
  ['moby', 9],
  ['iotedge', 58],
  ['appman', 58],
  ['tagservice', 152],
  ['edge-web', 1],
  ['device', 149],
  ['modbusmaster', 70],
  ['cloud', 192],
  ['device-configuration', 2],
  ['complete-installation', 3],
]);
const SECONDS_OF_OTHERS = 30;
const MB = 1_000_000;

/** The upgrades of TPE 2: jobs under `/upgrades`. */
export const TPE_UPGRADES: GatewayUpgrades = {
  list: { method: 'GET', path: '/upgrades' },
  readList(status, payload) {
    const data = (payload as { data?: unknown } | null)?.data;
    if (!isSuccess(status) || !Array.isArray(data)) return null;
    return data.filter((one) => isJob(one)).map(listed);
  },
  create: (url, snapshot) => ({
    method: 'POST',
    path: '/upgrades',
    requestBody: {
      url,
      install: true,
      deleteFileAfterInstallComplete: true,
      ...(snapshot === null ? {} : { snapshot }),
    },
  }),
  readCreated(payload) {
    const job = (payload as { data?: unknown } | null)?.data;
    return isJob(job) ? String(job.id) : null;
  },
  one: (id) => ({ method: 'GET', path: `/upgrades/${id}` }),
  readOne(_id, status, payload) {
    if (status === 404) return gone();
    const job = (payload as { data?: unknown } | null)?.data;
    return isSuccess(status) && isJob(job) ? report(job) : null;
  },
  start: (id) => ({ method: 'PUT', path: `/upgrades/${id}/start` }),
  cancel: (id) => ({ method: 'PUT', path: `/upgrades/${id}/cancel` }),
};

/** Returns the report of an upgrade that the gateway does not know any more. */
export function gone(): UpgradeReport {
  return {
    state: 'gone',
    step: 'install',
    progress: 0,
    detail: installationReason('installation-job-gone'),
    snapshot: null,
  };
}

function listed(job: Job): ListedUpgrade {
  const state = stateOf(job);
  return {
    id: String(job.id),
    url: job.parameter?.url ?? null,
    isActive: state === 'running' || state === 'suspended',
  };
}

function report(job: Job): UpgradeReport {
  const state = stateOf(job);
  const tasks = job.tasks ?? [];
  const loading = tasks.filter((task) => task.type === 'download');
  const installing = tasks.filter((task) => task.type !== 'download');
  const isLoading = loading.some((task) => doneOf(task) < 100) || installing.length === 0;
  const snapshot = job.parameter?.snapshot ?? null;
  const step = isLoading ? 'download' : 'install';
  const progress = isLoading
    ? shareDone(loading, ({ totalSize }) => totalSize ?? 1)
    : shareDone(installing, ({ name }) => SECONDS.get(name ?? '') ?? SECONDS_OF_OTHERS);
  return { state, step, progress, detail: detailOf(job, state, isLoading, loading, installing), snapshot };
}

function stateOf(job: Job): UpgradeReport['state'] {
  const state = STATES.get(job.state.toLowerCase()) ?? 'running';
  return job.isDeleted === true && state === 'created' ? 'canceled' : state;
}

function doneOf(task: Task): number {
  if (STATES.get(task.state ?? '') === 'succeeded') return 100;
  return Math.min(100, Math.max(0, task.progress ?? 0));
}

function shareDone(tasks: readonly Task[], weightOf: (task: Task) => number): number {
  const weights = tasks.map((task) => Math.max(1, weightOf(task)));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const done = tasks.reduce((sum, task, index) => sum + doneOf(task) * weights[index]!, 0);
  return whole === 0 ? 0 : Math.floor(done / whole);
}

function detailOf(
  job: Job,
  state: UpgradeReport['state'],
  isLoading: boolean,
  loading: readonly Task[],
  installing: readonly Task[],
): Reason | null {
  if (state === 'failed') return failure(job.errorMessage ?? null);
  if (STATES.get(job.state.toLowerCase()) !== state) {
    return installationReason('installation-job-state', { state: shortened(job.state) });
  }
  if (state === 'suspended') return installationReason('installation-suspended');
  if (state !== 'running') return null;
  if (isLoading) return loadedOf(loading);
  const current = installing.find((task) => doneOf(task) < 100 && (task.progress ?? 0) > 0);
  const next = current ?? installing.find((task) => doneOf(task) < 100);
  const begun = installing.some((task) => doneOf(task) > 0 || task.state === 'running');
  if (!begun && job.parameter?.snapshot) return installationReason('installation-makes-snapshot');
  return next?.name ? installationReason('installation-part', { name: shortened(next.name) }) : null;
}

function loadedOf(loading: readonly Task[]): Reason | null {
  const size = loading.reduce((sum, { totalSize }) => sum + (totalSize ?? 0), 0);
  if (size === 0) return null;
  const done = loading.reduce((sum, task) => sum + ((task.totalSize ?? 0) * doneOf(task)) / 100, 0);
  return installationReason('installation-loaded', {
    done: Math.round(done / MB),
    size: Math.round(size / MB),
  });
}

/** Returns why an upgrade failed. `words` are those of the gateway; null if it has none. */
export function failure(words: string | null): Reason {
  return words === null ? installationReason('installation-failed-untold') : wordsOfOthers(shortened(words));
}

/** Returns a text of a gateway, which may be anything, in a form that the database can hold: 500 characters at most. */
export function shortened(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed().slice(0, 500).toWellFormed();
}
