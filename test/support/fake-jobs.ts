import type { Execution } from '../../nodes/manager/jobs/execution.js';
import { EXECUTION_STATES } from '../../nodes/manager/jobs/execution.js';
import type { ExecutionCounts, Job, Jobs } from '../../nodes/manager/jobs/job.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import type { FakeManager } from './fake-manager.js';

export interface FakeJobs {
  /** All that were recorded, by id, as they are now. */
  readonly jobs: ReadonlyMap<string, Job>;
  /** Changes a job, and tells of it as the manager does. */
  become(id: string, change: Partial<Job>, execution?: Execution): Job;
  /** What the next submit has to be confirmed with. */
  askFor(confirmation: string): void;
  /** What the gateways of every job wait for. */
  waiting: Partial<Awaited<ReturnType<Jobs['waiting']>>>;
}

export const counts = (more: Partial<ExecutionCounts> = {}): ExecutionCounts => ({
  ...(Object.fromEntries(EXECUTION_STATES.map((state) => [state, 0])) as ExecutionCounts),
  ...more,
});

const AT = '2026-01-01T00:00:00.000Z';

/** A gateway of a job that is done. */
export function fakeExecution(clientid: string, more: Partial<Execution> = {}): Execution {
  return {
    ...{ job: '1', clientid, state: 'SUCCEEDED', waitingFor: null, waitingReason: null, waitingCause: null },
    ...{ until: null, step: 0, attempts: 1, reason: null, cause: null, isUncertain: false, site: '' },
    ...{ model: null, version: null, startedAt: AT, endedAt: AT, changedNo: 1 },
    doing: null,
    ...more,
  };
}

const ANYTHING = new Proxy({}, { get: () => () => Promise.reject(new Error('not faked')) });

/** Gives a fake manager jobs that are recorded, and become what a test says. */
export function fakeJobs(manager: FakeManager): FakeJobs {
  const jobs = new Map<string, Job>();
  const keys = new Map<string, string>();
  /** What was decided, in order; its place is the number of its change. */
  const decided: Execution[] = [];
  let confirmation: string | null = null;

  const noted =
    <Args extends unknown[], Result>(name: string, work: (...args: Args) => Result) =>
    async (...args: Args) => {
      manager.calls.push({ name, args });
      return await work(...args);
    };
  const jobOf = (id: string) => {
    const job = jobs.get(id);
    if (job) return job;
    throw new TpeError('NOT_FOUND', `There is no job ${id}.`);
  };
  const become: FakeJobs['become'] = (id, change, execution) => {
    const before = jobOf(id);
    const isNew = 'state' in change && change.state !== before.state;
    const job = { ...before, version: before.version + (isNew ? 1 : 0), ...change };
    jobs.set(id, job);
    if (execution !== undefined) decided.push({ ...execution, job: id });
    manager.events.emit('job', { job });
    return job;
  };
  const confirmed = (confirm: string | undefined) => {
    if (confirmation === null || confirm === confirmation) return;
    throw new TpeError('CONFLICT', `Confirm with "${confirmation}".`, { confirmation });
  };

  const fake = {
    ...(ANYTHING as object),
    preview: noted('preview', () => ({ hash: 'abc', total: 3, confirmation: '3' })),
    create: noted('create', (definition: unknown, act: Parameters<Jobs['create']>[1]) => {
      const known = keys.get(act.idempotencyKey ?? '');
      if (known !== undefined) return jobOf(known);
      const id = String(jobs.size + 1);
      if (act.idempotencyKey !== undefined) keys.set(act.idempotencyKey, id);
      const given = definition as Job['definition'];
      const job = {
        ...{ id, name: given.name, note: '', definition: given, steps: [], pace: {}, state: 'DRAFT' },
        ...{
          pauseReason: null,
          reason: null,
          cause: null,
          outcome: null,
          risk: 'write',
          classes: [],
          version: 1,
        },
        ...{
          total: 0,
          counts: counts(),
          requestedBy: act.by,
          createdAt: AT,
          submittedAt: null,
          endedAt: null,
        },
        updatedAt: AT,
      } as unknown as Job;
      jobs.set(id, job);
      manager.events.emit('job', { job });
      return job;
    }),
    submit: noted('submit', (id: string, act: Parameters<Jobs['submit']>[1]) => {
      confirmed(act.confirm);
      return become(id, { state: 'CREATING', submittedAt: AT });
    }),
    remove: noted('remove', (id: string) => void jobs.delete(id)),
    pause: noted('pause', (id: string) => become(id, { state: 'PAUSED', pauseReason: 'requested' })),
    resume: noted('resume', (id: string) => become(id, { state: 'RUNNING', pauseReason: null })),
    cancel: noted('cancel', (id: string, act: Parameters<Jobs['cancel']>[1]) => {
      if (act.force) confirmed(act.confirm);
      return become(id, { state: 'CANCELED', endedAt: '2026-01-01T00:10:00.000Z' });
    }),
    retry: noted('retry', (id: string) => {
      become(id, { state: 'RUNNING', endedAt: null });
      return 2;
    }),
    skip: noted('skip', (_id: string, clientids: readonly string[]) => clientids.length),
    get: noted('getJob', (id: string) => jobs.get(id) ?? null),
    brief: noted('getJob', (id: string) => jobs.get(id) ?? null),
    list: noted('listJobs', () => ({ items: [...jobs.values()], next: '7' })),
    executions: noted('executions', () => ({ items: [fakeExecution('gw')], next: 'c' })),
    decided: noted('decided', (id: string, since: number | null) => {
      jobOf(id);
      const items = decided.slice(since ?? decided.length).filter(({ job }) => job === id);
      return { items, upTo: decided.length, isMore: false };
    }),
    execution: noted('execution', (_id: string, clientid: string) =>
      clientid === 'gw-404'
        ? null
        : { execution: fakeExecution(clientid), attempts: [{ no: 1, commands: ['8', '9'] }] },
    ),
    waiting: noted('waiting', () => result.waiting),
    failures: noted('failures', () => [{ state: 'FAILED', reason: 'no', count: 1, clientids: ['gw-2'] }]),
  };
  const result: FakeJobs = {
    jobs,
    become,
    askFor(text) {
      confirmation = text;
    },
    waiting: {},
  };
  Object.assign(manager, { jobs: fake });
  return result;
}
