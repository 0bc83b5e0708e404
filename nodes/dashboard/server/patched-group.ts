import { type Change, gatherChanges } from '../../api/changes.js';
import { newIn, type Patch, patched } from '../../api/patch.js';
import type { Patches, Procedure } from '../../api/procedure.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import type { InOrder } from '../../manager/shared/keyed-queue.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { pauseAfter, SHORTEST_PAUSE_MS } from './throttle.js';

/** A procedure whose followers are told what is new in its answer. */
export type PatchedProcedure = Procedure<unknown, unknown> & { patches: Patches<unknown, unknown> };

export function isPatched(procedure: Procedure<unknown, unknown>): procedure is PatchedProcedure {
  return procedure.patches !== undefined;
}

/** What a browser is told of a page: the whole, what is new in it, or why there is none. */
export type Told = { value: unknown } | { patch: Patch } | { error: unknown };

/** A page that a browser shows, and is told what is new in it. */
export interface PatchedSubscription {
  procedure: PatchedProcedure;
  input: unknown;
  /** Who has one read at a time of each procedure: what was asked meanwhile, and is wanted no more, is never read. */
  viewer: string;
  /** Whose it is, for what one person may follow. */
  person: string;
  /** False once the browser is gone. */
  isWanted(): boolean;
  invalidatedBy(change: Change): boolean;
  /** Reads the whole. Rejects with what the browser is told. */
  read(): Promise<unknown>;
  /** Throws for who may not see it any more. */
  refuse(): void;
  /** Called once, when the subscription ends. */
  onEnd?(): void;
  tell(told: Told): void;
}

/** One of a group. */
interface Follower {
  follow: PatchedSubscription;
  /** The answer as the browser has it; undefined: it has none. */
  last: unknown;
  /** Why it has none, as the browser was told last; null: it was not. */
  fault: string | null;
  /** Reads that are under way, or wait for one of the same viewer. */
  reads: number;
  /** It has to be read again as a whole. */
  isDirty: boolean;
}

/** All that follow one procedure: what changed is read once for all of them, in rounds. */
export interface PatchedGroup {
  /** Reads it now, and keeps it true. */
  add(follow: PatchedSubscription): void;
  remove(follow: PatchedSubscription): void;
  isEmpty(): boolean;
  changed(change: Change): void;
  /** Reads all again. */
  all(): void;
}

/** `manager` is asked anew for each round, and rejects while there is none. `drop` ends what is not wanted any more. */
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

  /** A page is read anew where it may have become another one; for all others what changed since the last round. */
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
      // Which of the changes its read will have seen is not known.
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
        // Read anew meanwhile, or followed no more.
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
