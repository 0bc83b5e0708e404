import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { DeviceManager } from '../manager/device-manager.js';
import type { FailureCluster, Job, JobNews } from '../manager/jobs/job.js';
import { createEnding } from '../manager/shared/ending.js';
import type { JOB_DEVICES } from '../node-red/fields/choices.js';
import { tellFault } from '../node-red/runtime/tell-fault.js';
import { createDeviceNews } from './device-news.js';
import type { FollowedJobs } from './followed-jobs.js';
import { isOver, jobMessage, summaryOf } from './job-messages.js';

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
  const closing = createEnding();
  const { signal } = closing;
  let acts = 0;
  let held: (() => void)[] = [];
  /** What was told last; what comes later waits for it. */
  let telling: Promise<void> = Promise.resolve();
  /** The jobs whose gateways are to be read, once it is their turn. */
  const unread = new Set<string>();

  const fresh = (): NodeMessage => ({ _msgid: RED.util.generateId() });
  const send = (...outputs: (NodeMessage | NodeMessage[] | null)[]) => {
    if (!signal.aborted) node.send(outputs);
  };
  const next = (work: () => Promise<void> | void) => {
    telling = telling.then(work).catch((error: unknown) => {
      if (!signal.aborted) tellFault(node, 'News of a job are lost', error);
    });
  };

  async function end(manager: DeviceManager, job: Job): Promise<void> {
    let failures: FailureCluster[] | null = null;
    try {
      failures = await manager.jobs.failures(job.id);
    } catch (error) {
      if (!signal.aborted) tellFault(node, `The failures of the job ${job.id} could not be read`, error);
    }
    const last = Object.assign(jobMessage(fresh(), job), { complete: true });
    send(null, jobMessage(fresh(), job, summaryOf(job, failures)), last);
  }

  const tellDevices = createDeviceNews({ followed, devices, signal, fresh, send });

  function listener(manager: DeviceManager) {
    const look = (id: string) => {
      if (devices === 'none' || unread.has(id)) return;
      unread.add(id);
      next(async () => {
        unread.delete(id);
        await tellDevices(manager, id);
      });
    };
    const tellEnd = (job: Job) => {
      look(job.id);
      next(() => end(manager, job));
    };

    const take = ({ job }: JobNews): void => {
      if (!followed.has(job.id)) return;
      const isNews = followed.isNews(job);
      onNews();
      if (isNews && isOver(job)) return tellEnd(job);
      if (isNews) next(() => send(null, null, jobMessage(fresh(), job)));
      if (job.state !== 'DRAFT') look(job.id);
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
        if (!signal.aborted) tellFault(node, 'The jobs of this node could not be read', error);
      });
      return () => {
        closing.abort();
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
      const job = await manager.jobs.brief(id);
      if (signal.aborted) return;
      if (job === null) followed.forget(id);
      else onJob({ job });
    }
  }
}
