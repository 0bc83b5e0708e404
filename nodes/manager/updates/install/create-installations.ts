import type { PackageUrlRule } from '../../catalogue/package-url.js';
import type { Commands } from '../../commands/command.js';
import type { Database } from '../../database/database.js';
import type { Guard } from '../../guard/guard.js';
import { createEnding } from '../../shared/ending.js';
import { TpeError } from '../../shared/tpe-error.js';
import { throwIfClosed } from '../../shared/unless-closed.js';
import { inQuotes } from '../in-quotes.js';
import { recordable } from '../recordable.js';
import { admit } from './admission.js';
import { createGatewayStanding } from './gateway-standing.js';
import { type Installation, type Installations, isOver } from './installation.js';
import { checkInstallationQuery } from './installation-query.js';
import { createInstallationQueue } from './installation-queue.js';
import { installationReason } from './installation-reasons.js';
import { createInstallationRun } from './installation-run.js';
import { createInstallationStore } from './installation-store.js';
import { createInstallationWaiters } from './installation-waiters.js';
import { installationOverview } from './overview.js';
import { createProgressThrottle } from './progress-throttle.js';
import { createInstallationSlots } from './slots.js';
import type { InstallTiming } from './timing.js';

export interface InstallationEngineOptions {
  database: Database;
  commands: Commands;
  guard: Pick<Guard, 'take' | 'ended' | 'stopOf'>;
  instance: string;
  /** Whether an offline presence can be trusted. */
  knowsPresence(): boolean;
  timing: InstallTiming;
  /** Says from which URLs gateways may be told to load packages. */
  packageUrl: PackageUrlRule;
  /** Called with the changes of installations of this manager, of which progress at most once per `timing.tell`. */
  onChange(installation: Installation): void;
  onFault(text: string): void;
}

export interface InstallationEngine extends Installations {
  /** Resumes the installations that were open when the manager last stopped, and does the same as `maintain`. */
  resume(): Promise<void>;
  /** Takes over the work of dead managers and catches up on lost messages. Does nothing before `resume`. */
  maintain(): Promise<void>;
  /** Tells the installation on a gateway that the gateway has connected or disconnected. */
  gatewayChanged(clientid: string, isOnline: boolean): void;
  /** Looks again at the installations that a stop or the guard holds. */
  guardChanged(): void;
  /** Applies what another manager wrote to these installations. Resolves with their records, without those that run here. */
  changedElsewhere(ids: readonly string[]): Promise<Installation[]>;
  close(): Promise<void>;
}

/** Creates the engine behind Installations. It records them and carries out those of this manager. */
export function createInstallations(options: InstallationEngineOptions): InstallationEngine {
  const { database, commands, timing, packageUrl } = options;
  const closing = createEnding();
  const { signal } = closing;
  const store = createInstallationStore(database, options.instance);
  const waiters = createInstallationWaiters(store.get, signal);
  const throttle = createProgressThrottle(timing.tell, options.onChange);
  const standing = createGatewayStanding(database, options.knowsPresence);
  const runOptions = { store, commands, standing, timing, packageUrl, onChange: tell, signal };
  const queue = createInstallationQueue({
    createRun: (open) => createInstallationRun(runOptions, open),
    slots: createInstallationSlots(options.guard, options.onFault),
    signal,
    onFault: options.onFault,
  });
  let isResumed = false;

  function tell(installation: Installation): void {
    throttle.tell(installation);
    waiters.tell(installation);
  }

  async function changedElsewhere(ids: readonly string[]): Promise<Installation[]> {
    const found = await store.read(ids);
    for (const installation of found) {
      waiters.tell(installation);
      const { id, state, cancelRequestedBy } = installation;
      if (isOver(state)) queue.drop(id);
      if (cancelRequestedBy !== null) queue.run(id)?.cancel(cancelRequestedBy);
    }
    return found.filter(({ id }) => !queue.has(id));
  }

  async function maintain(): Promise<void> {
    if (!isResumed || signal.aborted) return;
    await store.adopt();
    for (const open of await store.open()) queue.add(open);
    queue.guardChanged();
    // Messages of other managers may have been missed.
    await changedElsewhere([...new Set([...queue.ids(), ...waiters.ids()])]);
  }

  return {
    async start(request) {
      throwIfClosed(signal);
      const admitted = await admit({ store, standing, packageUrl }, request);
      if ('earlier' in admitted) return admitted.earlier;
      const installation = 'open' in admitted ? admitted.open.installation : admitted.rejected;
      tell(installation);
      if ('open' in admitted) queue.add(admitted.open);
      return installation;
    },
    get: (id) => store.get(id),
    overview: () => installationOverview(options.database),
    list: async (query) => await store.list(checkInstallationQuery(query)),
    ofExecution: (clientid, prefix) => store.ofExecution(clientid, prefix),
    async cancel(id, requestedBy) {
      throwIfClosed(signal);
      const by = recordable(requestedBy);
      const canceled = await store.requestCancel(id, by);
      if (canceled === null) throw await whyNotCanceled(id);
      queue.run(id)?.cancel(by);
      if (isOver(canceled.state)) queue.drop(id);
      tell(canceled);
      return canceled;
    },
    waitFor: waiters.wait,
    async resume() {
      isResumed = true;
      await maintain();
    },
    maintain,
    gatewayChanged(clientid, isOnline) {
      const run = queue.runOn(clientid);
      if (isOnline) run?.wake();
      else run?.left();
    },
    guardChanged: queue.guardChanged,
    changedElsewhere,
    async close() {
      closing.abort();
      await queue.close();
      throttle.close();
      waiters.close();
      await store.close();
    },
  };

  async function whyNotCanceled(id: string): Promise<TpeError> {
    const found = await store.get(id);
    if (found === null) {
      return new TpeError('NOT_FOUND', installationReason('installation-unknown', { id: inQuotes(id) }));
    }
    const { state } = found;
    return new TpeError('CONFLICT', installationReason('installation-ended', { id, state }));
  }
}
