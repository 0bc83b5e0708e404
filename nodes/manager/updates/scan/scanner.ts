import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../database/database.js';
import type { DeviceFilter } from '../../registry/device-filter.js';
import type { Registry } from '../../registry/registry.js';
import { createEnding } from '../../shared/ending.js';
import { badField } from '../../shared/invalid-input.js';
import { pause } from '../../shared/pause.js';
import { TpeError } from '../../shared/tpe-error.js';
import { recordable } from '../recordable.js';
import type { SoftwareRepository } from '../repository/repository.js';
import { createPlanNow } from './plan-now.js';
import { runScan, type ScanOptions } from './run-scan.js';
import { scanReason } from './scan-reasons.js';
import { createScanStore } from './scan-store.js';
import { gatewaysOfGroup, scanCoverage, updateGroups } from './update-groups.js';
import type { ScanProgress, Updates } from './updates.js';

export interface UpdatesOptions extends Omit<ScanOptions, 'store' | 'closing' | 'registry'> {
  database: Database;
  registry: Pick<Registry, 'each' | 'counts'>;
  /** Opens the repository at the first scan; null if none is configured. Throws INVALID_INPUT if its options are not valid. */
  openRepository(): SoftwareRepository | null;
  instance: string;
}

export interface UpdatesEngine extends Updates {
  /** Ends the scans that this manager left when it last stopped. */
  start(): Promise<void>;
  /** Ends the scans of dead managers. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 1000;

/** Creates the scanner for newer software. It asks once for each category and model, however many gateways there are. */
export function createUpdates(options: UpdatesOptions): UpdatesEngine {
  const { registry } = options;
  let repository: SoftwareRepository | null = null;
  const store = createScanStore(options.database, options.instance);
  const closing = createEnding();
  const ended = new Map<string, Promise<ScanProgress | null>>();

  function openOnce(): SoftwareRepository | null {
    repository ??= options.openRepository();
    return repository;
  }

  async function begin(filter: DeviceFilter, requestedBy: string): Promise<ScanProgress> {
    const from = openOnce();
    if (from === null) throw new TpeError('INVALID_INPUT', scanReason('scan-no-repository'));
    await store.endAbandoned(false);
    const { total } = await registry.counts(filter);
    const scan = await store.begin(filter, recordable(requestedBy), total);
    if (scan === null) return await joined(filter);
    const { progress } = scan;
    const run = runScan({ ...options, store, closing: closing.signal }, progress, filter, from);
    ended.set(
      progress.id,
      run.finally(() => ended.delete(progress.id)),
    );
    options.onScan(progress);
    return progress;
  }

  async function joined(filter: DeviceFilter): Promise<ScanProgress> {
    const running = await store.running();
    if (running !== null && isDeepStrictEqual(running.filter, JSON.parse(JSON.stringify(filter)))) {
      return running.progress;
    }
    const other =
      running === null
        ? scanReason('scan-other-runs')
        : scanReason('scan-other-runs-since', { time: running.progress.startedAt });
    throw new TpeError('CONFLICT', other);
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
        // Another device manager runs this scan, so its record is read until it has ended.
        await pause(LOOK_EVERY_MS, { signal: closing.signal });
      }
    },
    async stopScan(requestedBy) {
      const scan = await store.askToStop(recordable(requestedBy));
      if (scan === null) throw new TpeError('NOT_FOUND', scanReason('scan-none-runs'));
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
    coverage: () => scanCoverage(options.database),
    async gatewaysOf({ group, limit, cursor = '' }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 500)
        throw badField('limit', 'a whole number from 1 to 500');
      const query = { group: recordable(group), after: recordable(cursor), limit };
      const gateways = await gatewaysOfGroup(options.database, query);
      return { gateways, next: gateways.length === limit ? (gateways.at(-1)?.clientid ?? null) : null };
    },
    plan: createPlanNow(options, openOnce, closing.signal),
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
