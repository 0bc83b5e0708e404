import { asTpeError, messageOf, TpeError } from '../../shared/tpe-error.js';
import { InstallationOutcome } from './installation-outcome.js';
import { installationReason } from './installation-reasons.js';
import type { InstallationRunHandle } from './installation-run.js';
import type { OpenInstallation } from './installation-store.js';
import { drive } from './steps/drive.js';

export interface InstallationQueueOptions {
  createRun(open: OpenInstallation): InstallationRunHandle;
  /** Aborted when the manager closes. */
  signal: AbortSignal;
  onFault(text: string): void;
}

/** The open installations of this manager. A bounded number of them runs at a time; the others wait. */
export interface InstallationQueue {
  /** Adds an installation. Does nothing if it is in the queue already, or if the manager closes. */
  add(open: OpenInstallation): void;
  has(id: string): boolean;
  ids(): Iterable<string>;
  /** The run of an installation; undefined if it is not running here. */
  run(id: string): InstallationRunHandle | undefined;
  /** The run on a gateway; undefined if there is none here. */
  runOn(clientid: string): InstallationRunHandle | undefined;
  /** Resolves when none is running any more; the signal makes them break off. */
  close(): Promise<void>;
}

const AT_ONCE = 200;

/** Creates the queue of the installations of this manager. */
export function createInstallationQueue(options: InstallationQueueOptions): InstallationQueue {
  const { signal } = options;
  /** The runs by the id of the installation; null while it waits for its turn. */
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

/** Carries out an installation to its end. Leaves it open if the manager closes, or if another one has taken it over. */
async function seeThrough(run: InstallationRunHandle, onFault: (text: string) => void): Promise<void> {
  const { id, startedAt } = run.installation();
  try {
    await run.change({ state: 'IN_PROGRESS', startedAt: startedAt ?? new Date().toISOString() });
    await run.end(await drive(run));
  } catch (error) {
    if (error instanceof TpeError && error.code === 'CLOSED') return;
    onFault(`The installation ${id} on ${JSON.stringify(run.clientid)} was aborted: ${messageOf(error)}`);
    const reason = installationReason('installation-internal-error', { fault: asTpeError(error).reason });
    await run.end(new InstallationOutcome('FAILED', null, reason)).catch(() => undefined);
  }
}
