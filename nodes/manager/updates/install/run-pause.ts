import { throwIfClosed } from '../../shared/unless-closed.js';
import type { InstallationOutcome } from './installation-outcome.js';

export interface RunPauseOptions {
  /** Aborted when the manager closes. */
  signal: AbortSignal;
  /** Returns when the time of the current package is up, ms since the epoch. */
  deadline(): number;
  /** Creates the outcome that is thrown then. */
  outOfTime(): InstallationOutcome;
}

export interface RunPause {
  /** Waits `ms`, or less if woken. Rejects with CLOSED when the manager closes, and with an InstallationOutcome when the time is up. */
  pause(ms: number): Promise<void>;
  wake(): void;
}

/** Creates the pause of an installation run. */
export function createRunPause({ signal, deadline, outOfTime }: RunPauseOptions): RunPause {
  let wakeUp = () => {};
  return {
    async pause(ms) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, Math.max(0, Math.min(ms, deadline() - Date.now())));
        function wake() {
          clearTimeout(timer);
          wakeUp = () => {};
          signal.removeEventListener('abort', wake);
          resolve();
        }
        wakeUp = wake;
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
      });
      throwIfClosed(signal);
      if (Date.now() >= deadline()) throw outOfTime();
    },
    wake: () => wakeUp(),
  };
}
