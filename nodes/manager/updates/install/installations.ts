import type { PackageUrlRule } from '../../catalogue/package-url.js';
import type { Commands } from '../../commands/command.js';
import type { Database } from '../../database/database.js';
import { readPresence } from '../../presence/read-presence.js';
import { createEnding } from '../../shared/ending.js';
import { badField } from '../../shared/invalid-input.js';
import { redactText } from '../../shared/secret-text.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import type { SoftwarePackage } from '../software-package.js';
import { checkRequest, recordable } from './check-request.js';
import { Ended } from './ended.js';
import {
  INSTALLATION_STATES,
  type Installation,
  type InstallationQuery,
  type InstallationRequest,
  type Installations,
  isOver,
} from './installation.js';
import { createJourney, type JourneyHandle, type Standing } from './installation-run.js';
import {
  createInstallationStore,
  isInstallationId,
  type OpenInstallation,
  orUnavailable,
} from './installation-store.js';
import { createTelling } from './progress-throttle.js';
import { drive } from './steps/drive.js';
import type { InstallPace } from './timing.js';

export interface InstallationEngineOptions {
  database: Database;
  commands: Commands;
  instance: string;
  /** Whether presence can be trusted to tell that a gateway is offline. */
  knowsPresence(): boolean;
  pace: InstallPace;
  /** Which packages gateways may be told to load. */
  packageUrl: PackageUrlRule;
  /** Told of each installation of this manager as it comes along, as often as the pace says. */
  onChange(installation: Installation): void;
  onFault(text: string): void;
}

export interface InstallationEngine extends Installations {
  /** Takes up what was open when the manager last stopped. */
  takeUp(): Promise<void>;
  /** Takes over what dead managers left, and looks for what was missed of the others. */
  maintain(): Promise<void>;
  /** A gateway came or went. */
  gatewayChanged(clientid: string, isOnline: boolean): void;
  /** Another manager wrote these: resolves with how they stand, those of this manager left out. */
  changedElsewhere(ids: readonly string[]): Promise<Installation[]>;
  close(): Promise<void>;
}

/** So many are on their way at a time; those behind them wait. */
const AT_ONCE = 200;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Waiter {
  resolve(installation: Installation): void;
  reject(error: Error): void;
}

/** The engine behind Installations: records them, and sees those of this manager through. */
export function createInstallations(options: InstallationEngineOptions): InstallationEngine {
  const { database, commands, pace } = options;
  const store = createInstallationStore(database, options.instance);
  const closing = createEnding();
  /** On their way or waiting for their turn. */
  const known = new Map<string, JourneyHandle | null>();
  const onGateway = new Map<string, string>();
  const turns: OpenInstallation[] = [];
  const running = new Set<Promise<void>>();
  const waiters = new Map<string, Set<Waiter>>();
  const telling = createTelling(pace.tell, options.onChange);
  let isTakenUp = false;

  async function standing(clientid: string): Promise<Standing> {
    const [presence] = await orUnavailable(() => readPresence(database, [clientid]));
    if (presence === undefined) return 'retired';
    return presence.status === 'online' || !options.knowsPresence() ? 'online' : 'offline';
  }

  async function start(request: InstallationRequest): Promise<Installation> {
    throwIfClosed();
    const checked = checkRequest(request);
    const { clientid } = checked;
    const reject = async (code: TpeError['code'], reason: string) =>
      settled(
        await store.insertRejected({ ...checked, packages: checked.packages.map(shown) }, code, reason),
      );

    for (const software of checked.packages) {
      const read = options.packageUrl(software.yamlUrl);
      if ('url' in read) {
        // As the gateway will be told it, and will tell it.
        software.yamlUrl = read.url;
        continue;
      }
      const text = `Packages are not loaded from ${JSON.stringify(redactText(software.yamlUrl))}: ${read.fault}.`;
      return await reject('INVALID_INPUT', text);
    }
    if (new Set(checked.packages.map(({ yamlUrl }) => yamlUrl)).size < checked.packages.length) {
      throw badField('packages', 'a list in which each package comes once');
    }
    const how = await standing(clientid);
    if (how === 'retired') {
      const text = `There is no gateway with the client id ${JSON.stringify(clientid)}: register it first.`;
      return await reject('NOT_FOUND', text);
    }
    if (how === 'offline') return await reject('OFFLINE', 'The gateway is not connected.');
    const open = await store.insert(checked);
    if (open === null) {
      const other = await store.underWay(clientid);
      const text = `Another installation is under way on this gateway${other === null ? '' : ` (${other.id})`}.`;
      return await reject('CONFLICT', text);
    }
    telling.tell(open.installation);
    queue(open);
    return open.installation;
  }

  function queue(open: OpenInstallation): void {
    const { id, clientid } = open.installation;
    if (known.has(id) || closing.signal.aborted) return;
    known.set(id, null);
    onGateway.set(clientid, id);
    turns.push(open);
    next();
  }

  function next(): void {
    while (running.size < AT_ONCE) {
      const open = turns.shift();
      if (open === undefined) return;
      const run: Promise<void> = travel(open).finally(() => {
        const { id, clientid } = open.installation;
        running.delete(run);
        known.delete(id);
        if (onGateway.get(clientid) === id) onGateway.delete(clientid);
        next();
      });
      running.add(run);
    }
  }

  async function travel(open: OpenInstallation): Promise<void> {
    const journey = createJourney(
      {
        ...{ store, commands, standing, pace, onChange: changed, signal: closing.signal },
        packageUrl: options.packageUrl,
      },
      open,
    );
    const { id, clientid, startedAt } = open.installation;
    known.set(id, journey);
    try {
      const now = new Date().toISOString();
      await journey.change({ state: 'IN_PROGRESS', startedAt: startedAt ?? now });
      await journey.end(await drive(journey));
    } catch (error) {
      if (isClosed(error)) return;
      options.onFault(`The installation ${id} on ${JSON.stringify(clientid)} broke off: ${messageOf(error)}`);
      const text = `The device manager came to a fault of its own: ${messageOf(error)}`;
      await journey.end(new Ended('FAILED', null, text)).catch(() => undefined);
    }
  }

  function changed(installation: Installation): void {
    if (isOver(installation.state)) settled(installation);
    else telling.tell(installation);
  }

  function settled(installation: Installation): Installation {
    telling.tell(installation);
    release(installation);
    return installation;
  }

  function release(installation: Installation): void {
    if (!isOver(installation.state)) return;
    for (const waiter of waiters.get(installation.id) ?? []) waiter.resolve(installation);
    waiters.delete(installation.id);
  }

  function throwIfClosed(): void {
    if (closing.signal.aborted) throw new TpeError('CLOSED', 'The device manager is closing.');
  }

  async function changedElsewhere(ids: readonly string[]): Promise<Installation[]> {
    const found = await store.read(ids);
    for (const installation of found) {
      release(installation);
      const { id, cancelRequestedBy } = installation;
      if (cancelRequestedBy !== null) known.get(id)?.cancel(cancelRequestedBy);
    }
    return found.filter(({ id }) => !known.has(id));
  }

  async function maintain(): Promise<void> {
    if (!isTakenUp || closing.signal.aborted) return;
    await store.adopt();
    for (const open of await store.open()) queue(open);
    // What was told of the others may have been missed.
    await changedElsewhere([...new Set([...known.keys(), ...waiters.keys()])]);
  }

  async function cancel(id: string, requestedBy: string): Promise<Installation> {
    throwIfClosed();
    const by = recordable(requestedBy);
    const canceled = await store.requestCancel(id, by);
    if (canceled === null) {
      const found = await store.get(id);
      if (found === null) throw unknown(id);
      throw new TpeError('CONFLICT', `The installation ${id} has ended: it is ${found.state}.`);
    }
    known.get(id)?.cancel(by);
    return settled(canceled);
  }

  function waitFor(id: string, waitMs: number): Promise<Installation | null> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve(installation) {
          clearTimeout(timer);
          resolve(installation);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = waitMs === Infinity ? undefined : setTimeout(giveUp, Math.min(waitMs, LONGEST_TIMER_MS));
      function giveUp() {
        leave();
        store.get(id).then(resolve, reject);
      }
      function leave() {
        clearTimeout(timer);
        const some = waiters.get(id);
        some?.delete(waiter);
        if (some?.size === 0) waiters.delete(id);
      }
      if (closing.signal.aborted) return waiter.reject(closedWhileWaiting());
      waiters.set(id, (waiters.get(id) ?? new Set()).add(waiter));
      store.get(id).then(
        (installation) => {
          if (installation !== null) return release(installation);
          leave();
          resolve(null);
        },
        (error: unknown) => {
          leave();
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        },
      );
    });
  }

  return {
    start,
    get: (id) => store.get(id),
    list: async (query) => await store.list(checkQuery(query)),
    cancel,
    waitFor,
    async takeUp() {
      isTakenUp = true;
      await maintain();
    },
    maintain,
    gatewayChanged(clientid, isOnline) {
      const journey = known.get(onGateway.get(clientid) ?? '');
      if (isOnline) journey?.wake();
      else journey?.left();
    },
    changedElsewhere,
    async close() {
      closing.abort();
      turns.length = 0;
      await Promise.all(running);
      telling.close();
      for (const some of waiters.values()) for (const waiter of some) waiter.reject(closedWhileWaiting());
      waiters.clear();
      await store.close();
    },
  };
}

/** As it may be recorded where nothing is loaded. */
function shown(software: SoftwarePackage): SoftwarePackage {
  return { ...software, yamlUrl: redactText(software.yamlUrl) };
}

function checkQuery(query: InstallationQuery): InstallationQuery {
  const { limit = 50, before, state } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw badField('limit', 'a whole number from 1 to 500');
  if (before !== undefined && !isInstallationId(before))
    throw badField('before', 'the id of an installation');
  if (state !== undefined && !INSTALLATION_STATES.includes(state)) {
    throw badField('state', `one of ${INSTALLATION_STATES.join(', ')}`);
  }
  return { ...query, limit };
}

function isClosed(error: unknown): boolean {
  return error instanceof TpeError && error.code === 'CLOSED';
}

function unknown(id: string): TpeError {
  return new TpeError('NOT_FOUND', `There is no installation ${JSON.stringify(id)}.`);
}

function closedWhileWaiting(): TpeError {
  return new TpeError('CLOSED', 'The device manager was closed before the installation ended.');
}
