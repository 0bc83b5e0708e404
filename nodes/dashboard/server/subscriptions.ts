import type { Change } from '../../api/changes.js';
import { pauseAfter, SHORTEST_PAUSE_MS } from './throttle.js';

/** A query whose result is sent to a browser again whenever the result has changed. */
export interface Subscription {
  /** False once the browser is gone. */
  isWanted(): boolean;
  invalidatedBy(change: Change): boolean;
  /** Never rejects. */
  answer(): Promise<unknown>;
  /** Called once, when the subscription ends. */
  onEnd?(): void;
  /** Called with each answer that differs from the previous one. */
  emit(answer: unknown): void;
}

/** Subscriptions that send the whole answer after each change. */
export interface Subscriptions {
  /** Answers now and after each change that invalidates the subscription. Replaces the subscription that has the key. */
  start(key: string, subscription: Subscription): void;
  end(key: string): void;
  /** Ends all subscriptions whose keys begin with `prefix`. */
  endAll(prefix: string): void;
  /** Number of subscriptions whose keys begin with `prefix`. */
  count(prefix: string): number;
  changed(change: Change): void;
  /** Answers all subscriptions again. */
  all(): void;
  close(): void;
}

interface Running {
  subscription: Subscription;
  told: string | undefined;
  isWorking: boolean;
  isDirty: boolean;
  pauseMs: number;
  timer: NodeJS.Timeout | null;
}

/** Creates an empty set of subscriptions. Each one works at most four times a second, and less often if its query is slow. */
export function createSubscriptions(): Subscriptions {
  const running = new Map<string, Running>();

  const stop = (key: string) => {
    const one = running.get(key);
    if (one === undefined) return;
    clearTimeout(one.timer ?? undefined);
    running.delete(key);
    one.subscription.onEnd?.();
  };

  const work = async (key: string, one: Running) => {
    one.timer = null;
    if (!one.subscription.isWanted()) return stop(key);
    one.isWorking = true;
    one.isDirty = false;
    const started = performance.now();
    const answer = await one.subscription.answer();
    one.pauseMs = pauseAfter(performance.now() - started);
    one.isWorking = false;
    if (running.get(key) !== one) return;
    const text = JSON.stringify(answer);
    if (text !== one.told) one.subscription.emit(answer);
    one.told = text;
    if (one.isDirty) later(key, one);
  };

  const later = (key: string, one: Running) => {
    one.isDirty = true;
    if (one.isWorking || one.timer !== null) return;
    one.timer = setTimeout(() => void work(key, one), one.pauseMs);
  };

  return {
    start(key, subscription) {
      stop(key);
      const one = {
        subscription,
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
    endAll(prefix) {
      for (const key of [...running.keys()]) if (key.startsWith(prefix)) stop(key);
    },
    count: (prefix) => [...running.keys()].filter((key) => key.startsWith(prefix)).length,
    changed(change) {
      for (const [key, one] of running) {
        if (!one.subscription.isWanted()) stop(key);
        else if (one.subscription.invalidatedBy(change)) later(key, one);
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
