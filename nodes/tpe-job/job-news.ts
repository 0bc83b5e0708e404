import { setImmediate as afterOthers } from 'node:timers/promises';
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import type { Execution } from '../manager/jobs/execution.js';
import type { FailureCluster, Job, JobNews } from '../manager/jobs/job.js';
import { someAtOnce } from '../manager/shared/some-at-once.js';
import type { JOB_DEVICES } from '../node-red/fields/choices.js';
import { tellFault } from '../node-red/runtime/tell-fault.js';
import { createBursts } from './bursts.js';
import type { FollowedJobs } from './followed-jobs.js';
import { deviceMessage, isOver, jobMessage, summaryOf, wentWell } from './job-messages.js';

/** Gateways that are done come one by one up to 50 a second; more of them each 200 ms. */
const BURST_MS = 200;
const MOST_ALONE = 10;
/** How many answers are read from the database at a time. */
const READS_AT_ONCE = 8;

export interface NewsOptions {
  RED: NodeAPI;
  node: Node;
  followed: FollowedJobs;
  devices: (typeof JOB_DEVICES)[number];
  /** There is something new to show. */
  onNews(): void;
}

/** Tells what becomes of the jobs that a node follows, in the order in which it happens. */
export interface JobNewsTeller {
  /** Begins; returns the function that ends it. */
  open(manager: DeviceManager): () => void;
  /** Holds back news while an act is under way, whose answer comes first. */
  during<Result>(act: () => Promise<Result>): Promise<Result>;
  /** A job that an answer has told of as over. */
  ended(job: Job): void;
}

export function createJobNews({ RED, node, followed, devices, onNews }: NewsOptions): JobNewsTeller {
  let isClosed = false;
  let acts = 0;
  let held: (() => void)[] = [];
  /** What was told last; what comes later waits for it. */
  let telling: Promise<void> = Promise.resolve();

  const fresh = (): NodeMessage => ({ _msgid: RED.util.generateId() });
  const send = (...outputs: (NodeMessage | NodeMessage[] | null)[]) => {
    if (!isClosed) node.send(outputs);
  };
  const next = (work: () => Promise<void> | void) => {
    telling = telling.then(work).catch((error: unknown) => tellFault(node, 'News of a job are lost', error));
  };

  async function end(manager: DeviceManager, job: Job): Promise<void> {
    let failures: FailureCluster[] | null = null;
    try {
      failures = await manager.jobs.failures(job.id);
    } catch (error) {
      if (!isClosed) tellFault(node, `The failures of the job ${job.id} could not be read`, error);
    }
    const last = Object.assign(jobMessage(fresh(), job), { complete: true });
    send(null, jobMessage(fresh(), job, summaryOf(job, failures)), last);
  }

  function tellDevices(manager: DeviceManager) {
    return createBursts<Execution>(BURST_MS, MOST_ALONE, (executions) =>
      next(async () => {
        const answers = await answersOf(manager, executions);
        send(executions.map((execution, index) => deviceMessage(fresh(), execution, answers[index])));
      }),
    );
  }

  function listener(manager: DeviceManager) {
    const bursts = tellDevices(manager);
    const tellEnd = (job: Job) =>
      // What else was decided together with the end is told before it.
      next(async () => {
        await afterOthers();
        bursts.flush();
        next(() => end(manager, job));
      });

    const take = ({ job, execution }: JobNews): void => {
      if (!followed.has(job.id)) return;
      if (execution !== null && devices !== 'none' && (devices === 'all' || !wentWell(execution)))
        bursts.add(execution);
      const isNews = followed.isNews(job);
      onNews();
      if (!isNews) return;
      if (isOver(job)) tellEnd(job);
      else next(() => send(null, null, jobMessage(fresh(), job)));
    };
    return { take, tellEnd };
  }

  let tellEnd: (job: Job) => void = () => {};

  return {
    open(manager) {
      const told = listener(manager);
      tellEnd = told.tellEnd;
      const onJob = (news: JobNews) => {
        if (acts > 0) held.push(() => told.take(news));
        else told.take(news);
      };
      manager.events.on('job', onJob);
      void goOn(manager, onJob).catch((error: unknown) => {
        if (!isClosed) tellFault(node, 'The jobs of this node could not be read', error);
      });
      return () => {
        isClosed = true;
        manager.events.off('job', onJob);
      };
    },
    async during(act) {
      acts += 1;
      try {
        return await act();
      } finally {
        acts -= 1;
        if (acts === 0) {
          const those = held;
          held = [];
          for (const take of those) take();
          onNews();
        }
      }
    },
    ended: (job) => tellEnd(job),
  };

  /** Looks what became of the jobs from before a deploy. */
  async function goOn(manager: DeviceManager, onJob: (news: JobNews) => void): Promise<void> {
    for (const id of await followed.remembered()) {
      const job = await manager.jobs.get(id);
      if (isClosed) return;
      if (job === null) followed.forget(id);
      else onJob({ job, execution: null });
    }
  }
}

/** The answers of the gateways where all went well; undefined where there is none, or none can be read. */
async function answersOf(manager: DeviceManager, executions: readonly Execution[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  await someAtOnce(executions, READS_AT_ONCE, async (execution, index) => {
    answers[index] = wentWell(execution)
      ? await answerOf(manager, execution).catch(() => undefined)
      : undefined;
  });
  return answers;
}

async function answerOf(manager: DeviceManager, { job, clientid }: Execution): Promise<unknown> {
  const found = await manager.jobs.execution(job, clientid);
  const last = found?.attempts.at(-1)?.commands.at(-1);
  const record = last === undefined ? null : await manager.commands.get(last);
  return record?.answer?.payload;
}
