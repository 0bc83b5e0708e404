import type { InstallationOutcome } from './installation-outcome.js';
import { throwIfClosed } from './unless-closed.js';

export interface RunPauseOptions {
  /** Aborted when the manager closes. */
  signal: AbortSignal;
  /** When the time of the installation is up, ms since the epoch. */
  deadline(): number;
  /** How it ends then. */
  outOfTime(): InstallationOutcome;
}

export interface RunPause {
  /** Waits so many ms, or less where somebody wakes it. CLOSED when the manager closes, Ended when the time is up. */
  pause(ms: number): Promise<void>;
  wake(): void;
}

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
