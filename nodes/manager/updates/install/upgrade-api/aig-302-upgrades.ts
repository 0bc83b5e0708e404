import type { FromSchema } from 'json-schema-to-ts';
import { isSuccess } from '../../../protocol/answer.js';
import { guard } from '../../../shared/guard.js';
import { wordsOfOthers } from '../../../shared/reason.js';
import type { GatewayUpgrades, UpgradeReport } from './gateway-upgrades.js';
import { failure, gone, shortened } from './tpe-upgrades.js';

const TASK = {
  type: 'object',
  properties: {
    taskId: { type: 'string', pattern: '^[\\w-]{1,64}$' },
    status: { type: 'string' },
    message: { type: ['string', 'null'] },
    allowReboot: { type: ['boolean', 'null'] },
  },
  required: ['taskId'],
} as const;

type Task = FromSchema<typeof TASK>;

const isTask = guard<Task>(TASK);

const STATES = new Map<string, UpgradeReport['state']>([
  ['queued', 'running'],
  ['running', 'running'],
  ['success', 'succeeded'],
  ['fail', 'failed'],
  ['failed', 'failed'],
]);

/** The upgrades of an AIG-302. It has one task at a time, reports no progress and cannot cancel. */
export const AIG_302_UPGRADES: GatewayUpgrades = {
  list: { method: 'GET', path: '/system/upgrade/task' },
  readList(status, payload) {
    if (status === 404) return [];
    const task = taskIn(status, payload);
    if (task === null) return null;
    const state = stateOf(task);
    return [{ id: task.taskId, url: null, isActive: state === 'running' }];
  },
  create: (url) => ({
    method: 'POST',
    path: '/system/upgrade',
    requestBody: { mode: 'file', url, allowReboot: true },
  }),
  readCreated: (payload) => taskIn(200, payload)?.taskId ?? null,
  one: () => ({ method: 'GET', path: '/system/upgrade/task' }),
  readOne(id, status, payload) {
    if (status === 404) return gone();
    const task = taskIn(status, payload);
    if (task === null) return null;
    if (task.taskId !== id) return gone();
    const state = stateOf(task);
    const words = shortened(task.message ?? '') || null;
    return {
      state,
      step: task.status === 'queued' ? 'download' : 'install',
      progress: state === 'succeeded' ? 100 : 0,
      detail: state === 'failed' ? failure(words) : words === null ? null : wordsOfOthers(words),
      snapshot: null,
    };
  },
  start: () => null,
  cancel: () => null,
};

/** Whether the `data` of a profile is that of an AIG-302: it has a software version and no type. */
export function isAig302(profile: Record<string, unknown>): boolean {
  return typeof profile.softwareVersion === 'string' && profile.type === undefined;
}

function taskIn(status: number, payload: unknown): Task | null {
  const task = (payload as { data?: unknown } | null)?.data;
  return isSuccess(status) && isTask(task) ? task : null;
}

function stateOf({ status }: Task): UpgradeReport['state'] {
  return STATES.get(status ?? '') ?? 'running';
}
