import type { Hold, Limit, Stop } from '../../manager/guard/guard.js';
import type { JobDefinition } from '../../manager/jobs/definition/definition.js';
import type { Attempt, Execution, WaitingFor } from '../../manager/jobs/execution.js';
import type { FailureCluster, Job, JobPreview } from '../../manager/jobs/job.js';
import { listedJob } from '../../manager/jobs/listed-job.js';
import { CLIENT_ID } from './examples.js';

// The same story: the gateways of plant 1 are asked who they are, at a pace of their own.

const COMMAND = { method: 'GET', path: '/device/general' };

export const JOB_DEFINED: JobDefinition = {
  name: 'Who is there',
  do: { command: COMMAND },
  targets: { filter: { site: 'Plant 1' }, expect: 40 },
  rollout: { maxPerMinute: 60, maxInProgress: 2 },
};

export const JOB_RUNNING: Job = {
  id: '42',
  name: JOB_DEFINED.name,
  note: '',
  definition: JOB_DEFINED,
  steps: [{ name: '', always: false, kind: 'command', command: COMMAND, verify: null }],
  pace: {
    maxPerMinute: 60,
    maxInProgress: 2,
    perSite: null,
    jitterSeconds: 0,
    outsideWindows: false,
    inProgressSeconds: 660,
    offlineSeconds: 1_209_600,
    retryFailed: 0,
    retryTimedOut: 0,
    backoffSeconds: 120,
  },
  state: 'RUNNING',
  pauseReason: null,
  reason: null,
  cause: null,
  outcome: null,
  risk: 'read',
  classes: [],
  version: 3,
  total: 40,
  counts: {
    QUEUED: 14,
    IN_PROGRESS: 2,
    SUCCEEDED: 23,
    ALREADY_DONE: 0,
    FAILED: 1,
    TIMED_OUT: 0,
    REJECTED: 0,
    EXPIRED: 0,
    CANCELED: 0,
    REMOVED: 0,
  },
  requestedBy: 'REST',
  createdAt: '2025-11-29T22:20:00.000Z',
  submittedAt: '2025-11-29T22:20:04.000Z',
  endedAt: null,
  updatedAt: '2025-11-29T22:20:29.000Z',
};

export const JOB_LISTED = listedJob(JOB_RUNNING);

export const JOB_PREVIEWED: JobPreview = {
  risk: 'read',
  classes: [],
  hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  total: 40,
  reached: 39,
  online: 37,
  leftOut: [
    {
      reason: { text: 'The gateway is disabled.', cause: { code: 'job-gateway-disabled', params: {} } },
      count: 1,
      clientids: ['TBZKB1090007'],
    },
  ],
  sites: [{ value: 'Plant 1', count: 40 }],
  models: [{ value: 'UC-8220-T-LX', count: 40 }],
  versions: [{ value: '2.3.0-3571', count: 40 }],
  steps: JOB_RUNNING.steps,
  pace: JOB_RUNNING.pace,
  bodies: [{ clientid: CLIENT_ID, requests: [{ ...COMMAND, requestBody: {} }] }],
  limits: [],
  shut: [],
  seconds: 39,
  bytes: null,
  bytesPerSecond: null,
  confirmation: null,
};

export const EXECUTION_WAITING: Execution = {
  job: JOB_RUNNING.id,
  clientid: CLIENT_ID,
  state: 'QUEUED',
  waitingFor: 'offline',
  waitingReason: 'The gateway is offline.',
  waitingCause: { code: 'job-waits-offline', params: {} },
  until: '2025-12-13T22:20:04.000Z',
  step: 0,
  doing: null,
  attempts: 1,
  reason: null,
  cause: null,
  isUncertain: false,
  site: 'Plant 1',
  model: 'UC-8220-T-LX',
  version: '2.3.0-3571',
  startedAt: '2025-11-29T22:20:05.000Z',
  endedAt: null,
  changedNo: 117,
};

export const ATTEMPTED: Attempt = {
  no: 1,
  startedAt: '2025-11-29T22:20:05.000Z',
  endedAt: '2025-11-29T22:20:06.000Z',
  state: null,
  reason: null,
  cause: null,
  commands: ['1764454805000001'],
  installations: [],
};

export const JOB_WAITING: Record<WaitingFor, number> = {
  ...{ stop: 0, paused: 0, offline: 3, window: 2, busy: 1, guard: 0, retry: 0, rate: 10 },
};

export const JOB_FAILURES: FailureCluster[] = [
  {
    state: 'FAILED',
    reason: 'The gateway answered 500.',
    cause: null,
    model: 'UC-8220-T-LX',
    version: '2.3.0-3571',
    count: 1,
    retriedAlone: 0,
    clientids: ['TBZKB1090003'],
  },
];

export const STOPPED: Stop = {
  id: '5',
  scope: 'site',
  value: 'Plant 1',
  reason: 'pump 3 leaks',
  createdBy: 'REST',
  createdAt: '2025-11-29T22:30:00.000Z',
  liftedBy: null,
  liftedAt: null,
};

export const LIMITS: Limit[] = [
  { scope: 'fleet', value: '', max: 200, setBy: null, setAt: null },
  { scope: 'site', value: 'Plant 1', max: 2, setBy: 'REST', setAt: '2025-11-29T22:31:00.000Z' },
];

export const SLOT: Hold = {
  id: '18',
  clientid: CLIENT_ID,
  owner: { kind: 'installation', id: '12' },
  site: 'Plant 1',
  model: 'UC-8220-T-LX',
  redundancy: 'pump-station-1',
  state: 'held',
  since: '2025-11-29T22:10:00.000Z',
  endedAt: null,
  stuckSince: null,
};
