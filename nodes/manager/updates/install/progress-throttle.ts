import { type Installation, isOver } from './installation.js';

/** Reports changes of installations: a new step and the end at once, progress at most once in an interval. */
export interface ProgressThrottle {
  tell(installation: Installation): void;
  close(): void;
}

/** Creates the throttle. `everyMs` is the interval; at its end, the newest change that was held back is reported by `tell`. */
export function createProgressThrottle(
  everyMs: number,
  tell: (installation: Installation) => void,
): ProgressThrottle {
  const pauses = new Map<string, { timer: NodeJS.Timeout; told: Installation; held: Installation | null }>();

  function tellAndHold(installation: Installation): void {
    const { id } = installation;
    const timer = setTimeout(() => {
      const held = pauses.get(id)?.held ?? null;
      pauses.delete(id);
      if (held !== null) tellAndHold(held);
    }, everyMs);
    pauses.set(id, { timer, told: installation, held: null });
    tell(installation);
  }

  return {
    tell(installation) {
      const { id, state, step } = installation;
      const pause = pauses.get(id);
      if (pause !== undefined && pause.told.step === step && !isOver(state)) {
        pause.held = installation;
        return;
      }
      clearTimeout(pause?.timer);
      pauses.delete(id);
      if (isOver(state)) tell(installation);
      else tellAndHold(installation);
    },
    close() {
      for (const { timer } of pauses.values()) clearTimeout(timer);
      pauses.clear();
    },
  };
}
