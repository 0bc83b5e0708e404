import { isDeepStrictEqual } from 'node:util';
import type { PackageUrlRule } from '../../catalogue/package-url.js';
import type { Database } from '../../database/database.js';
import type { Device } from '../../registry/device.js';
import type { DeviceFilter } from '../../registry/device-filter.js';
import type { Registry } from '../../registry/registry.js';
import { createEnding } from '../../shared/ending.js';
import { badField } from '../../shared/invalid-input.js';
import { pause } from '../../shared/pause.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { recordable } from '../recordable.js';
import type { SoftwareRepository } from '../repository/repository.js';
import { planUpdates, type UpdatePlan } from './plan.js';
import { createScanStore } from './scan-store.js';
import { gatewaysOfGroup, updateGroups } from './update-groups.js';
import type { DeviceUpdate, ScanProgress, ScanState, Updates } from './updates.js';

export interface UpdatesOptions {
  database: Database;
  registry: Pick<Registry, 'each' | 'counts'>;
  /** Null where none is configured; asked for at the first scan. Throws INVALID_INPUT where its files cannot be read. */
  openRepository(): SoftwareRepository | null;
  /** Which packages gateways may be told to load. */
  packageUrl: PackageUrlRule;
  instance: string;
  /** Told of a scan of this manager as it comes along, four times a second at most, and when it ends. */
  onScan(progress: ScanProgress): void;
  /** Told of each gateway with an update. */
  onUpdate(update: DeviceUpdate): void;
  onFault(text: string): void;
}

export interface UpdatesEngine extends Updates {
  /** Ends scans that this manager left when it last stopped. */
  start(): Promise<void>;
  /** Ends scans of managers that have died. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

/** So many gateways are written in one statement. */
const BATCH = 100;
const TELL_EVERY_MS = 250;
const LOOK_EVERY_MS = 1000;

/** Why the gateways of a model cannot be scanned, or how they are. */
type ModelPlan = { fault: string } | { plan(device: Device): UpdatePlan };

/** Scans gateways for newer software: one question a category and model, however many gateways there are. */
export function createUpdates(options: UpdatesOptions): UpdatesEngine {
  const { registry, packageUrl } = options;
  let repository: SoftwareRepository | null = null;
  const store = createScanStore(options.database, options.instance);
  const closing = createEnding();
  const ended = new Map<string, Promise<ScanProgress | null>>();

  async function begin(filter: DeviceFilter, requestedBy: string): Promise<ScanProgress> {
    repository ??= options.openRepository();
    if (repository === null) {
      throw new TpeError(
        'INVALID_INPUT',
        'No software repository is configured: give its URL or folder in tpe-server, or set TPE_REPO_URL or TPE_REPO_FOLDER.',
      );
    }
    await store.endAbandoned(false);
    const { total } = await registry.counts(filter);
    const scan = await store.begin(filter, recordable(requestedBy), total);
    if (scan === null) return await joined(filter);
    ended.set(scan.progress.id, run(scan.progress, filter, repository));
    options.onScan(scan.progress);
    return scan.progress;
  }

  async function joined(filter: DeviceFilter): Promise<ScanProgress> {
    const running = await store.running();
    if (running !== null && isDeepStrictEqual(running.filter, JSON.parse(JSON.stringify(filter)))) {
      return running.progress;
    }
    const since = running === null ? '' : ` since ${running.progress.startedAt}`;
    throw new TpeError('CONFLICT', `Another scan is running${since}: wait for its end, or stop it.`);
  }

  async function run(
    progress: ScanProgress,
    filter: DeviceFilter,
    from: SoftwareRepository,
  ): Promise<ScanProgress | null> {
    let toldAt = Date.now();
    const stop = createEnding();
    const signal = AbortSignal.any([closing.signal, stop.signal]);
    const models = new Map<string, Promise<ModelPlan>>();
    let state: ScanState = 'DONE';
    let reason: string | null = null;

    const step = async (devices: readonly Device[]) => {
      const updates = await scanSome(devices, models, from, signal, progress);
      if (updates.length > 0) await store.save(updates);
      const stoppedBy = await store.advance(progress.id, progress);
      for (const update of updates) if (update.path.length > 0) options.onUpdate(update);
      if (stoppedBy !== null) {
        reason = `stopped by ${stoppedBy}`;
        stop.abort();
      }
      if (Date.now() - toldAt < TELL_EVERY_MS) return;
      toldAt = Date.now();
      options.onScan({ ...progress });
    };

    try {
      let batch: Device[] = [];
      for await (const device of registry.each(filter)) {
        batch.push(device);
        if (batch.length < BATCH) continue;
        await step(batch);
        batch = [];
        if (signal.aborted) break;
      }
      if (batch.length > 0 && !signal.aborted) await step(batch);
      if (stop.signal.aborted) state = 'STOPPED';
      else if (closing.signal.aborted) [state, reason] = ['FAILED', 'its device manager ended'];
    } catch (error) {
      [state, reason] = ['FAILED', messageOf(error)];
      if (closing.signal.aborted) reason = 'its device manager ended';
      else options.onFault(`The scan for updates failed: ${reason}`);
    }
    const scan = await store.end(progress.id, state, reason, progress).catch((error) => {
      options.onFault(`The end of a scan for updates could not be recorded: ${messageOf(error)}`);
      return null;
    });
    const last = scan?.progress ?? { ...progress, state, reason, endedAt: new Date().toISOString() };
    ended.delete(progress.id);
    options.onScan(last);
    return last;
  }

  async function scanSome(
    devices: readonly Device[],
    models: Map<string, Promise<ModelPlan>>,
    from: SoftwareRepository,
    signal: AbortSignal,
    progress: ScanProgress,
  ): Promise<DeviceUpdate[]> {
    const updates: DeviceUpdate[] = [];
    for (const device of devices) {
      const model = device.modelName ?? '';
      if (!models.has(model)) models.set(model, planFor(model, from, signal));
      const found = await models.get(model);
      if (signal.aborted) return updates;
      progress.done += 1;
      if (found === undefined || 'fault' in found) {
        progress.failed += 1;
        progress.faults = { ...progress.faults, [model || '(no model)']: found?.fault ?? '' };
        continue;
      }
      const plan = found.plan(device);
      if (plan.path.length > 0) progress.found += 1;
      updates.push(updateOf(device, plan));
    }
    progress.total = Math.max(progress.total, progress.done);
    return updates;
  }

  /** Gateways that are alike share a plan. */
  async function planFor(model: string, from: SoftwareRepository, signal: AbortSignal): Promise<ModelPlan> {
    if (model === '')
      return { fault: 'these gateways have not told their model yet: refresh their profiles' };
    try {
      const [mil, tpe] = await Promise.all([
        from.packages('mil', model, signal),
        from.packages('tpe', model, signal),
      ]);
      for (const fault of [...mil.faults, ...tpe.faults])
        options.onFault(`${from.place}, ${model}: ${fault}`);
      const plans = new Map<string, UpdatePlan>();
      return {
        plan(device) {
          const key = JSON.stringify([device.firmwareVersion, device.tpeVersion]);
          const known = plans.get(key) ?? planUpdates(device, mil.packages, tpe.packages, packageUrl);
          plans.set(key, known);
          return known;
        },
      };
    } catch (error) {
      return { fault: messageOf(error) };
    }
  }

  return {
    scan: begin,
    async waitForScan(id) {
      const own = ended.get(id);
      if (own !== undefined) return await own;
      if (!/^\d{1,18}$/.test(id)) return null;
      for (;;) {
        const progress = (await store.get(id))?.progress ?? null;
        if (progress?.state !== 'RUNNING' || closing.signal.aborted) return progress;
        // Of another device manager.
        await pause(LOOK_EVERY_MS, { signal: closing.signal });
      }
    },
    async stopScan(requestedBy) {
      const scan = await store.askToStop(recordable(requestedBy));
      if (scan === null) throw new TpeError('NOT_FOUND', 'No scan for updates is running.');
      return scan.progress;
    },
    lastScan: async () => (await store.last())?.progress ?? null,
    async results({ available = true, limit = 50, cursor = '' }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
        throw badField('limit', 'a whole number from 1 to 1000');
      const updates = await store.results({ available, after: recordable(cursor), limit });
      return { updates, next: updates.length === limit ? (updates.at(-1)?.clientid ?? null) : null };
    },
    groups: () => updateGroups(options.database),
    async gatewaysOf({ group, limit, cursor = '' }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 500)
        throw badField('limit', 'a whole number from 1 to 500');
      const query = { group: recordable(group), after: recordable(cursor), limit };
      const gateways = await gatewaysOfGroup(options.database, query);
      return { gateways, next: gateways.length === limit ? (gateways.at(-1)?.clientid ?? null) : null };
    },
    result: (clientid) => store.result(recordable(clientid)),
    start: () => store.endAbandoned(true),
    maintain: () => store.endAbandoned(false),
    async close() {
      closing.abort();
      await Promise.all(ended.values());
      repository?.close();
    },
  };
}

function updateOf(
  { clientid, modelName, firmwareVersion, tpeVersion }: Device,
  { recommended, path, candidates }: UpdatePlan,
): DeviceUpdate {
  const scannedAt = new Date().toISOString();
  return { clientid, modelName, firmwareVersion, tpeVersion, recommended, path, candidates, scannedAt };
}
