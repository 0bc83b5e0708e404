/** Paths that nodes serve, each by one target. */
export interface ServedPaths<Target> {
  /** Serves a path until the returned function is called. Null: somebody else serves it, and nothing changes. */
  open(path: string, target: Target): (() => void) | null;
  /** Holds a path for a minute, or until it is opened: for the time in which flows start or are deployed again. */
  hold(path: string): void;
  /** Who serves a path; null: it is held. Undefined: nobody does. */
  find(path: string): Target | null | undefined;
  /** All that are served or held. */
  paths(): string[];
}

/** A deploy or a start takes less. */
const HOLD_MS = 60_000;

/** Makes the list of paths for one kind of target. Upper and lower case differ. */
export function createServedPaths<Target>(): ServedPaths<Target> {
  const targets = new Map<string, Target>();
  const held = new Map<string, NodeJS.Timeout>();

  function release(path: string): void {
    clearTimeout(held.get(path));
    held.delete(path);
  }

  return {
    open(path, target) {
      if (targets.has(path)) return null;
      release(path);
      targets.set(path, target);
      return () => {
        if (targets.get(path) === target) targets.delete(path);
      };
    },
    hold(path) {
      release(path);
      held.set(path, setTimeout(() => held.delete(path), HOLD_MS).unref());
    },
    find: (path) => targets.get(path) ?? (held.has(path) ? null : undefined),
    paths: () => [...targets.keys(), ...held.keys()],
  };
}
