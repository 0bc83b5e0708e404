import { type Change, gatherChanges } from '../../api/changes.js';
import { newIn, type Patch, patched } from '../../api/patch.js';
import type { Patches, Procedure } from '../../api/procedure.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import type { InOrder } from '../../manager/shared/keyed-queue.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { pauseAfter, SHORTEST_PAUSE_MS } from './throttle.js';

/** A procedure that can tell its subscribers only what is new in its answer. */
export type PatchedProcedure = Procedure<unknown, unknown> & { patches: Patches<unknown, unknown> };

/** Whether the procedure can tell what is new in its answer. */
export function isPatched(procedure: Procedure<unknown, unknown>): procedure is PatchedProcedure {
  return procedure.patches !== undefined;
}

/** What a browser receives: the whole answer, what is new in it, or the error that prevented both. */
export type Told = { value: unknown } | { patch: Patch } | { error: unknown };

/** A subscription of one browser to a patched procedure. */
export interface PatchedSubscription {
  procedure: PatchedProcedure;
  input: unknown;
  /**
   * Key of the queue of reads: each viewer has one read of the procedure at a time. Reads of subscriptions that ended while they waited are
   * skipped.
   */
  viewer: string;
  /** The person, for the limit of inputs per person. */
  person: string;
  /** False once the browser is gone. */
  isWanted(): boolean;
  invalidatedBy(change: Change): boolean;
  /** Reads the whole answer. Rejects with the error that the browser receives. */
  read(): Promise<unknown>;
  /** Throws FORBIDDEN if the caller may not see the answer any more. */
  refuse(): void;
  /** Called once, when the subscription ends. */
  onEnd?(): void;
  tell(told: Told): void;
}

/** The state of one subscription of the group. */
interface Follower {
  follow: PatchedSubscription;
  /** The answer that the browser has; undefined if it has none. */
  last: unknown;
  /** The message of the last error that the browser received; null if it has an answer or has received nothing yet. */
  fault: string | null;
  /** Number of reads that are in progress or wait for another read of the same viewer. */
  reads: number;
  /** The whole answer must be read again. */
  isDirty: boolean;
}

/** The subscriptions to one procedure. Changes are collected and read in rounds, once for all subscriptions. */
export interface PatchedGroup {
  /** Reads the answer now, and tells the subscription about each later change. */
  add(follow: PatchedSubscription): void;
  remove(follow: PatchedSubscription): void;
  isEmpty(): boolean;
  changed(change: Change): void;
  /** Reads all answers again. */
  all(): void;
}

/**
 * Creates an empty group. `manager` is called in each round and rejects while there is no device manager. `inOrder` runs the reads of one
 * viewer one after another. `drop` ends a subscription that is not wanted any more.
 */
export function createPatchedGroup(
  { patches }: PatchedProcedure,
  manager: () => Promise<DeviceManager>,
  inOrder: InOrder,
  drop: (follow: PatchedSubscription) => void,
): PatchedGroup {
  const followers = new Map<PatchedSubscription, Follower>();
  let changes = gatherChanges();
  let timer: NodeJS.Timeout | null = null;
  let isWorking = false;
  let isDirty = false;
  let pauseMs = SHORTEST_PAUSE_MS;

  const isHere = (one: Follower) => followers.get(one.follow) === one;

  const later = () => {
    isDirty = true;
    if (!isWorking && followers.size > 0) timer ??= setTimeout(() => void round(), pauseMs);
  };

  const load = (one: Follower): Promise<void> => {
    one.reads += 1;
    return inOrder(one.follow.viewer, async () => {
      if (!isHere(one)) return;
      one.isDirty = false;
      const told = await one.follow.read().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      one.reads -= 1;
      if (!isHere(one)) return;
      tellWhole(one, told);
      if (one.isDirty) later();
    });
  };

  /**
   * Reads the whole answer again for subscriptions that may now have other items or another order. For all others, it reads only what has
   * changed since the last round.
   */
  const round = async (): Promise<void> => {
    const started = performance.now();
    const since = changes;
    changes = gatherChanges();
    timer = null;
    isWorking = true;
    isDirty = false;
    const outdated: Follower[] = [];
    const others: Follower[] = [];
    for (const one of [...followers.values()]) {
      const { follow } = one;
      if (!follow.isWanted()) drop(follow);
      // A read is in progress, and it is unknown which of the changes it has seen.
      else if (one.reads > 0) one.isDirty = true;
      else if (one.isDirty || one.last === undefined || patches.isOutdated(since, follow.input))
        outdated.push(one);
      else others.push(one);
    }
    await Promise.all([...outdated.map(load), patch(others, since)]);
    isWorking = false;
    pauseMs = pauseAfter(performance.now() - started);
    if (isDirty) later();
  };

  const patch = async (asked: readonly Follower[], since: typeof changes): Promise<void> => {
    if (asked.length === 0) return;
    const followed = asked.map(({ follow: { input }, last }) => ({ input, last, changes: since }));
    try {
      const found = await patches.patchesFor(await manager(), followed);
      for (const [place, one] of asked.entries()) {
        // Skips subscriptions that have ended or were read as a whole in the meantime.
        if (isHere(one) && one.last === followed[place]!.last) tellPatch(one, found[place]!);
      }
    } catch (error) {
      for (const one of asked) if (isHere(one)) tellFault(one, error);
    }
  };

  return {
    add(follow) {
      const one: Follower = { follow, last: undefined, fault: null, reads: 0, isDirty: false };
      followers.set(follow, one);
      void load(one);
    },
    remove(follow) {
      followers.delete(follow);
      if (followers.size > 0) return;
      clearTimeout(timer ?? undefined);
      timer = null;
    },
    isEmpty: () => followers.size === 0,
    changed(change) {
      if (change.kind === 'health') for (const one of followers.values()) one.isDirty = true;
      else if (isTouched(followers.keys(), change)) changes.add(change);
      else return;
      later();
    },
    all() {
      for (const one of followers.values()) {
        if (one.reads > 0) one.isDirty = true;
        else void load(one);
      }
    },
  };
}

function isTouched(follows: Iterable<PatchedSubscription>, change: Change): boolean {
  for (const follow of follows) if (follow.invalidatedBy(change)) return true;
  return false;
}

function tellWhole(one: Follower, told: { value: unknown } | { error: unknown }): void {
  if ('error' in told) return tellFault(one, told.error);
  const isKnown = one.last !== undefined && JSON.stringify(one.last) === JSON.stringify(told.value);
  one.last = told.value;
  one.fault = null;
  if (!isKnown) one.follow.tell(told);
}

function tellPatch(one: Follower, found: Patch): void {
  try {
    one.follow.refuse();
  } catch (error) {
    return tellFault(one, error);
  }
  const patch = newIn(one.last, found);
  if (patch === null) return;
  one.last = patched(one.last, patch);
  one.follow.tell({ patch });
}

function tellFault(one: Follower, error: unknown): void {
  one.last = undefined;
  const fault = messageOf(error);
  if (fault === one.fault) return;
  one.fault = fault;
  one.follow.tell({ error });
}
