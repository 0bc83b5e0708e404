import type { Node } from 'node-red';
import type { Job } from '../manager/jobs/job.js';
import { isPlainObject } from '../manager/shared/validate.js';
import { isOver } from './job-messages.js';

/** Of a job that has ended, it is remembered that this was told. More of them than anybody looks at are forgotten. */
const MOST_ENDED = 1000;
const KEY = 'followed';

interface Followed {
  version: number;
  told: string;
  /** The change up to which its gateways were told of; null: of what is decided from now on. */
  mark: number | null;
  /** Null after a deploy, until there is news of it. */
  job: Job | null;
}

/** The jobs that a node began. */
export interface FollowedJobs {
  has(id: string): boolean;
  /** The ids of those that are not over, as far as that is known. */
  open(): string[];
  /** Those that are known, the oldest first. */
  known(): Job[];
  /** Takes the job as it is now, as told already; its gateways are told of that are decided after the change `mark`, unless it is followed. */
  follow(job: Job, mark?: number): void;
  mark(id: string): number | null;
  /** Its gateways were told of up to this change. */
  toldUpTo(id: string, mark: number): void;
  /** Takes news of a job. Returns whether its state is one that was not told yet; false for a job that is not followed. */
  isNews(job: Job): boolean;
  forget(id: string): void;
  /** Takes the jobs that the node followed before it was deployed; resolves with their ids. */
  remembered(): Promise<string[]>;
}

/**
 * Creates the list of the jobs that a node began. The context of the node has it, so that a deploy loses none; a restart neither, where
 * Node-RED keeps contexts in files.
 */
export function createFollowedJobs(node: Node): FollowedJobs {
  const followed = new Map<string, Followed>();
  const isOpen = ({ job }: Followed) => job === null || !isOver(job);

  function keep(): void {
    const open = [...followed].filter(([, one]) => isOpen(one));
    const kept = open.map(([id, { version, told, mark }]) => [id, { version, told, mark }] as const);
    node.context().set(KEY, Object.fromEntries(kept), (error?: Error) => {
      if (error) node.warn(`The jobs that this node follows could not be kept: ${error.message}`);
    });
  }

  function put(job: Job, mark: number | null): void {
    followed.delete(job.id);
    followed.set(job.id, { version: job.version, told: stateOf(job), mark, job });
    const ended = [...followed].filter(([, one]) => !isOpen(one)).map(([id]) => id);
    for (const id of ended.slice(0, -MOST_ENDED)) followed.delete(id);
    keep();
  }

  return {
    has: (id) => followed.has(id),
    open: () => [...followed].filter(([, one]) => isOpen(one)).map(([id]) => id),
    known: () => [...followed.values()].flatMap(({ job }) => job ?? []),
    follow(job, mark = 0) {
      const before = followed.get(job.id);
      put(job, before === undefined ? mark : before.mark);
    },
    mark: (id) => followed.get(id)?.mark ?? null,
    toldUpTo(id, mark) {
      const one = followed.get(id);
      if (one === undefined || one.mark === mark) return;
      one.mark = mark;
      keep();
    },
    isNews(job) {
      const before = followed.get(job.id);
      if (before === undefined || job.version < before.version) return false;
      const told = stateOf(job);
      if (told !== before.told) {
        put(job, before.mark);
        return true;
      }
      Object.assign(before, { job, version: job.version });
      return false;
    },
    forget(id) {
      if (followed.delete(id)) keep();
    },
    remembered: () =>
      new Promise((resolve) => {
        node.context().get(KEY, (_error: Error | null, value: unknown) => {
          const found = Object.entries(isPlainObject(value) ? value : {}).filter(([id]) => !followed.has(id));
          for (const [id, { version, told, mark = null }] of found as [string, Followed][])
            followed.set(id, { version, told, mark, job: null });
          resolve(found.map(([id]) => id));
        });
      }),
  };
}

function stateOf({ state, pauseReason, outcome, reason }: Job): string {
  return JSON.stringify([state, pauseReason, outcome, reason]);
}
