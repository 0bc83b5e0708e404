import type { Reason } from '../../shared/reason.js';
import { asTpeError, messageOf, TpeError } from '../../shared/tpe-error.js';
import { InstallationOutcome } from './installation-outcome.js';
import { installationReason } from './installation-reasons.js';
import type { InstallationRunHandle } from './installation-run.js';
import type { OpenInstallation } from './installation-store.js';
import type { InstallationSlots } from './slots.js';
import { drive } from './steps/drive.js';

export interface InstallationQueueOptions {
  createRun(open: OpenInstallation): InstallationRunHandle;
  slots: InstallationSlots;
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
  /** Looks again at those that a stop or the guard holds; at most so many as may run, and each behind all others the next time. */
  guardChanged(): void;
  /** Forgets one that has ended before its turn came. */
  drop(id: string): void;
  /** Resolves when none is running any more; the signal makes them break off. */
  close(): Promise<void>;
}

const AT_ONCE = 200;
/** The pause before the guard is asked again that did not answer, ms. */
const RETRY_MS = 10_000;

/** Creates the queue of the installations of this manager. */
export function createInstallationQueue(options: InstallationQueueOptions): InstallationQueue {
  const { signal } = options;
  /** The runs by the id of the installation; null while it waits for its turn. */
  const runs = new Map<string, InstallationRunHandle | null>();
  const onGateway = new Map<string, string>();
  const waiting: OpenInstallation[] = [];
  /** Those that a stop or the guard holds. */
  const held = new Set<OpenInstallation>();
  const running = new Set<Promise<void>>();
  /** How often those that are held were looked at again. */
  let looks = 0;

  function next(): void {
    while (running.size < AT_ONCE) {
      const open = waiting.shift();
      if (open === undefined) return;
      const work: Promise<void> = begin(open)
        .then((heldNow) => (heldNow === null ? forget(open) : void held.add(heldNow)))
        .finally(() => {
          running.delete(work);
          next();
        });
      running.add(work);
    }
  }

  /** Resolves with the installation if a stop or the guard holds it, so that it waits without taking the place of another. */
  async function begin(open: OpenInstallation): Promise<OpenInstallation | null> {
    const run = options.createRun(open);
    const before = looks;
    let why = await whyHeld(run);
    // A look that came meanwhile is not missed.
    if (why !== null && looks !== before) why = await whyHeld(run);
    if (why !== null) {
      await noteHeld(run, why);
      return { ...open, installation: run.installation() };
    }
    runs.set(open.installation.id, run);
    await seeThrough(run, options.onFault);
    options.slots.giveBack(run.installation());
    return null;
  }

  /** One that had begun before a restart has its slot. Without an answer from the database, it is asked again later. */
  async function whyHeld(run: InstallationRunHandle): Promise<Reason | 'unknown' | null> {
    const { id, state, job } = run.installation();
    if (state !== 'QUEUED') return null;
    try {
      return await options.slots.take({ id, clientid: run.clientid, job });
    } catch (error) {
      options.onFault(`It is not known yet whether the installation ${id} may begin: ${messageOf(error)}`);
      setTimeout(guardChanged, RETRY_MS).unref();
      return 'unknown';
    }
  }

  function forget({ installation: { id, clientid } }: OpenInstallation): void {
    runs.delete(id);
    if (onGateway.get(clientid) === id) onGateway.delete(clientid);
  }

  function guardChanged(): void {
    if (signal.aborted) return;
    looks += 1;
    const some = [...held].slice(0, AT_ONCE);
    for (const open of some) held.delete(open);
    waiting.push(...some);
    next();
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
    guardChanged,
    drop(id) {
      const open = [...waiting, ...held].find(({ installation }) => installation.id === id);
      if (open === undefined) return;
      held.delete(open);
      if (waiting.includes(open)) waiting.splice(waiting.indexOf(open), 1);
      forget(open);
    },
    async close() {
      waiting.length = 0;
      held.clear();
      await Promise.all(running);
    },
  };
}

/** Carries out an installation to its end. Leaves it open if the manager closes, or if another one has taken it over. */
async function seeThrough(run: InstallationRunHandle, onFault: (text: string) => void): Promise<void> {
  const { id, startedAt } = run.installation();
  try {
    const at = startedAt ?? new Date().toISOString();
    await run.change({ state: 'IN_PROGRESS', startedAt: at, reason: null, cause: null });
    await run.end(await drive(run));
  } catch (error) {
    if (error instanceof TpeError && error.code === 'CLOSED') return;
    onFault(`The installation ${id} on ${JSON.stringify(run.clientid)} was aborted: ${messageOf(error)}`);
    const reason = installationReason('installation-internal-error', { fault: asTpeError(error).reason });
    await run.end(new InstallationOutcome('FAILED', null, reason)).catch(() => undefined);
  }
}

/** Writes into the record what the installation waits for. Nothing depends on it. */
async function noteHeld(run: InstallationRunHandle, why: Reason | 'unknown'): Promise<void> {
  if (why === 'unknown' || run.installation().reason === why.text) return;
  await run.change({ reason: why.text, cause: why.cause }).catch(() => undefined);
}
