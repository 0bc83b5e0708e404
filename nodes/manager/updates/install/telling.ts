import { type Installation, isOver } from './installation.js';

/** Tells of installations as they come along, each at most once in a while, and of its end at once. */
export interface Telling {
  tell(installation: Installation): void;
  close(): void;
}

/** The newest of what is held back is told when the pause of `everyMs` is over. */
export function createTelling(everyMs: number, tell: (installation: Installation) => void): Telling {
  const pauses = new Map<string, { timer: NodeJS.Timeout; held: Installation | null }>();

  function hold(id: string): void {
    const timer = setTimeout(() => {
      const held = pauses.get(id)?.held ?? null;
      pauses.delete(id);
      if (held === null) return;
      hold(id);
      tell(held);
    }, everyMs);
    pauses.set(id, { timer, held: null });
  }

  return {
    tell(installation) {
      const pause = pauses.get(installation.id);
      if (isOver(installation.state)) {
        clearTimeout(pause?.timer);
        pauses.delete(installation.id);
        return tell(installation);
      }
      if (pause !== undefined) {
        pause.held = installation;
        return;
      }
      hold(installation.id);
      tell(installation);
    },
    close() {
      for (const { timer } of pauses.values()) clearTimeout(timer);
      pauses.clear();
    },
  };
}
