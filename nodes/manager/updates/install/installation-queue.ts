import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { InstallationOutcome } from './installation-outcome.js';
import type { InstallationRunHandle } from './installation-run.js';
import type { OpenInstallation } from './installation-store.js';
import { drive } from './steps/drive.js';

export interface InstallationQueueOptions {
  createRun(open: OpenInstallation): InstallationRunHandle;
  /** Aborted when the manager closes. */
  signal: AbortSignal;
  onFault(text: string): void;
}

/** The installations of this manager that are open: so many are on their way at a time, those behind them wait. */
export interface InstallationQueue {
  /** Nothing where it is there already, or the manager closes. */
  add(open: OpenInstallation): void;
  has(id: string): boolean;
  ids(): Iterable<string>;
  /** Undefined where it is not on its way. */
  run(id: string): InstallationRunHandle | undefined;
  /** The run on a gateway. */
  runOn(clientid: string): InstallationRunHandle | undefined;
  /** Resolves when none is on its way any more; they break off by the signal. */
  close(): Promise<void>;
}

const AT_ONCE = 200;

export function createInstallationQueue(options: InstallationQueueOptions): InstallationQueue {
  const { signal } = options;
  /** Null while it waits for its turn. */
  const runs = new Map<string, InstallationRunHandle | null>();
  const onGateway = new Map<string, string>();
  const waiting: OpenInstallation[] = [];
  const running = new Set<Promise<void>>();

  function next(): void {
    while (running.size < AT_ONCE) {
      const open = waiting.shift();
      if (open === undefined) return;
      const work: Promise<void> = begin(open).finally(() => {
        const { id, clientid } = open.installation;
        running.delete(work);
        runs.delete(id);
        if (onGateway.get(clientid) === id) onGateway.delete(clientid);
        next();
      });
      running.add(work);
    }
  }

  async function begin(open: OpenInstallation): Promise<void> {
    const run = options.createRun(open);
    runs.set(open.installation.id, run);
    await seeThrough(run, options.onFault);
  }

  const run = (id: string) => runs.get(id) ?? undefined;
  return {
    add(open) {
      const { id, clientid } = open.installation;
      if (runs.has(id) || signal.aborted) return;
      runs.set(id, null);
      onGateway.set(clientid, id);
      waiting.push(open);
      next();
    },
    has: (id) => runs.has(id),
    ids: () => runs.keys(),
    run,
    runOn: (clientid) => run(onGateway.get(clientid) ?? ''),
    async close() {
      waiting.length = 0;
      await Promise.all(running);
    },
  };
}

/** To its end, whatever it is; leaves it open where the manager closes or another one has it. */
async function seeThrough(run: InstallationRunHandle, onFault: (text: string) => void): Promise<void> {
  const { id, startedAt } = run.installation();
  try {
    await run.change({ state: 'IN_PROGRESS', startedAt: startedAt ?? new Date().toISOString() });
    await run.end(await drive(run));
  } catch (error) {
    if (error instanceof TpeError && error.code === 'CLOSED') return;
    onFault(`The installation ${id} on ${JSON.stringify(run.clientid)} was aborted: ${messageOf(error)}`);
    const text = `Internal error of the device manager: ${messageOf(error)}`;
    await run.end(new InstallationOutcome('FAILED', null, text)).catch(() => undefined);
  }
}
