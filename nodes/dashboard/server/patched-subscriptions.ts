import type { Change } from '../../api/changes.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { createInOrder } from '../../manager/shared/keyed-queue.js';
import {
  createPatchedGroup,
  type PatchedGroup,
  type PatchedProcedure,
  type PatchedSubscription,
} from './patched-group.js';

/** The subscriptions of one widget to procedures that can tell what is new in their answer. */
export interface PatchedSubscriptions {
  /** Answers now, and after each change that affects the subscription tells what is new. Replaces the subscription that has the key. */
  start(key: string, subscription: PatchedSubscription): void;
  end(key: string): void;
  /** Ends all subscriptions whose keys begin with `prefix`. */
  endAll(prefix: string): void;
  /** Number of subscriptions whose keys begin with `prefix`. */
  count(prefix: string): number;
  /** Number of inputs of a procedure, other than `input`, to which a person has subscribed. Each input costs a read in every round. */
  inputsOf(person: string, procedure: PatchedProcedure, input: unknown): number;
  changed(change: Change): void;
  /** Reads all answers again. */
  all(): void;
  close(): void;
}

/** Creates the subscriptions. `manager` is called in each round and rejects while there is no device manager. */
export function createPatchedSubscriptions(manager: () => Promise<DeviceManager>): PatchedSubscriptions {
  const running = new Map<string, PatchedSubscription>();
  const groups = new Map<PatchedProcedure, PatchedGroup>();
  const inOrder = createInOrder();

  const end = (key: string) => {
    const subscription = running.get(key);
    if (subscription === undefined) return;
    running.delete(key);
    const group = groups.get(subscription.procedure);
    group?.remove(subscription);
    if (group?.isEmpty()) groups.delete(subscription.procedure);
    subscription.onEnd?.();
  };

  const start = (key: string, subscription: PatchedSubscription) => {
    end(key);
    running.set(key, subscription);
    const known = groups.get(subscription.procedure);
    const group = known ?? createPatchedGroup(subscription.procedure, manager, inOrder, drop);
    groups.set(subscription.procedure, group);
    group.add(subscription);
  };

  const drop = (gone: PatchedSubscription) => {
    for (const [key, subscription] of running) if (subscription === gone) end(key);
  };

  return {
    start,
    end,
    endAll(prefix) {
      for (const key of [...running.keys()]) if (key.startsWith(prefix)) end(key);
    },
    inputsOf(person, procedure, input) {
      const own = [...running.values()].filter((one) => one.person === person && one.procedure === procedure);
      const others = new Set(own.map((one) => JSON.stringify(one.input)));
      others.delete(JSON.stringify(input));
      return others.size;
    },
    count: (prefix) => [...running.keys()].filter((key) => key.startsWith(prefix)).length,
    changed(change) {
      for (const group of groups.values()) group.changed(change);
    },
    all() {
      for (const group of groups.values()) group.all();
    },
    close() {
      for (const key of [...running.keys()]) end(key);
    },
  };
}
