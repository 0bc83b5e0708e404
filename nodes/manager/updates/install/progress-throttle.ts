import { type Installation, isOver } from './installation.js';

/** Tells of installations as they come along: of a new step and of the end at once, of progress at most once in a while. */
export interface ProgressThrottle {
  tell(installation: Installation): void;
  close(): void;
}

/** The newest of what is held back is told when the pause of `everyMs` is over. */
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
