import type { Change } from '../../api/changes.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { createInOrder } from '../../manager/shared/keyed-queue.js';
import {
  createPatchedGroup,
  type PatchedAsk,
  type PatchedFollow,
  type PatchedGroup,
} from './patched-group.js';

export interface PatchedFollows {
  /** Answers now, and tells with each change that touches it what is new; in place of what had the key before. */
  start(key: string, follow: PatchedFollow): void;
  end(key: string): void;
  /** How many keys begin with `prefix`. */
  count(prefix: string): number;
  changed(change: Change): void;
  /** Reads all again. */
  all(): void;
  close(): void;
}

/** `manager` is asked anew for each read, and rejects while there is none. */
export function createPatchedFollows(manager: () => Promise<DeviceManager>): PatchedFollows {
  const running = new Map<string, PatchedFollow>();
  const groups = new Map<PatchedAsk, PatchedGroup>();
  const inOrder = createInOrder();

  const end = (key: string) => {
    const follow = running.get(key);
    if (follow === undefined) return;
    running.delete(key);
    const group = groups.get(follow.ask);
    group?.remove(follow);
    if (group?.isEmpty()) groups.delete(follow.ask);
    follow.onEnd?.();
  };

  const start = (key: string, follow: PatchedFollow) => {
    end(key);
    running.set(key, follow);
    const known = groups.get(follow.ask);
    const group = known ?? createPatchedGroup(follow.ask, manager, inOrder, drop);
    groups.set(follow.ask, group);
    group.add(follow);
  };

  const drop = (gone: PatchedFollow) => {
    for (const [key, follow] of running) if (follow === gone) end(key);
  };

  return {
    start,
    end,
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
