import type { Change } from '../../api/changes.js';
import { pauseAfter, SHORTEST_PAUSE_MS } from './throttle.js';

/** An answer that a browser wants to have again whenever it is another one. */
export interface Follow {
  /** False once the browser is gone. */
  isWanted(): boolean;
  isTouchedBy(change: Change): boolean;
  /** Never rejects. */
  answer(): Promise<unknown>;
  /** Called once, when it is not followed any more. */
  onEnd?(): void;
  /** Called with answers that differ from the one before. */
  tell(answer: unknown): void;
}

export interface Follows {
  /** Answers now, and with each change that touches it; in place of what had the key before. */
  start(key: string, follow: Follow): void;
  end(key: string): void;
  /** How many keys begin with `prefix`. */
  count(prefix: string): number;
  changed(change: Change): void;
  /** Answers all again. */
  all(): void;
  close(): void;
}

interface Running {
  follow: Follow;
  told: string | undefined;
  isWorking: boolean;
  isDirty: boolean;
  pauseMs: number;
  timer: NodeJS.Timeout | null;
}

export function createFollows(): Follows {
  const running = new Map<string, Running>();

  const stop = (key: string) => {
    const one = running.get(key);
    if (one === undefined) return;
    clearTimeout(one.timer ?? undefined);
    running.delete(key);
    one.follow.onEnd?.();
  };

  const work = async (key: string, one: Running) => {
    one.timer = null;
    if (!one.follow.isWanted()) return stop(key);
    one.isWorking = true;
    one.isDirty = false;
    const started = performance.now();
    const answer = await one.follow.answer();
    one.pauseMs = pauseAfter(performance.now() - started);
    one.isWorking = false;
    if (running.get(key) !== one) return;
    const text = JSON.stringify(answer);
    if (text !== one.told) one.follow.tell(answer);
    one.told = text;
    if (one.isDirty) later(key, one);
  };

  const later = (key: string, one: Running) => {
    one.isDirty = true;
    if (one.isWorking || one.timer !== null) return;
    one.timer = setTimeout(() => void work(key, one), one.pauseMs);
  };

  return {
    start(key, follow) {
      stop(key);
      const one = {
        follow,
        told: undefined,
        isWorking: false,
        isDirty: false,
        pauseMs: SHORTEST_PAUSE_MS,
        timer: null,
      };
      running.set(key, one);
      void work(key, one);
    },
    end: stop,
    count: (prefix) => [...running.keys()].filter((key) => key.startsWith(prefix)).length,
    changed(change) {
      for (const [key, one] of running) {
        if (!one.follow.isWanted()) stop(key);
        else if (one.follow.isTouchedBy(change)) later(key, one);
      }
    },
    all() {
      for (const [key, one] of running) later(key, one);
    },
    close() {
      for (const key of [...running.keys()]) stop(key);
    },
  };
}
