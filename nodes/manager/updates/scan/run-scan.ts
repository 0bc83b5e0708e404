import type { Device } from '../../registry/device.js';
import type { DeviceFilter } from '../../registry/device-filter.js';
import type { Registry } from '../../registry/registry.js';
import { createEnding } from '../../shared/ending.js';
import { pause } from '../../shared/pause.js';
import { createPieceSize } from '../../shared/piece-size.js';
import type { Reason } from '../../shared/reason.js';
import { asTpeError, messageOf } from '../../shared/tpe-error.js';
import type { SoftwareRepository } from '../repository/repository.js';
import { NO_MODEL } from './no-model.js';
import type { UpdatePlan } from './plan.js';
import { createModelPlans, type ModelPlan, type ModelPlansOptions } from './plan-models.js';
import { scanReason } from './scan-reasons.js';
import type { ScanStore } from './scan-store.js';
import type { DeviceUpdate, ScanProgress, ScanState } from './updates.js';

export interface ScanOptions extends ModelPlansOptions {
  registry: Pick<Registry, 'each'>;
  store: Pick<ScanStore, 'save' | 'advance' | 'end'>;
  /** Aborted when the manager closes. */
  closing: AbortSignal;
  /** Called with the progress of a scan of this manager, four times a second at most, and when it ends. */
  onScan(progress: ScanProgress): void;
  /** Called with each gateway for which there is an update. */
  onUpdate(update: DeviceUpdate): void;
}

/** How many gateways are written at once. */
const WRITTEN = { first: 50, least: 20, most: 100 };
const TELL_EVERY_MS = 250;
const MAX_PAUSE_MS = 100;

/** Plans the updates of all gateways that the filter finds, and records them. Resolves with the end of the scan, good or bad. */
export async function runScan(
  options: ScanOptions,
  progress: ScanProgress,
  filter: DeviceFilter,
  from: SoftwareRepository,
): Promise<ScanProgress | null> {
  const { registry, store, closing } = options;
  let toldAt = Date.now();
  const stop = createEnding();
  const signal = AbortSignal.any([closing, stop.signal]);
  const planOf = createModelPlans(options, from, signal);
  const pieces = createPieceSize(WRITTEN);
  let state: ScanState = 'DONE';
  let reason: Reason | null = null;

  const step = async (devices: readonly Device[]) => {
    const updates = await planSome(devices, planOf, signal, progress);
    const begun = performance.now();
    if (updates.length > 0) await store.save(updates);
    const ms = performance.now() - begun;
    if (updates.length > 0) pieces.took(ms, updates.length);
    const stoppedBy = await store.advance(progress.id, progress);
    for (const update of updates) if (update.path.length > 0) options.onUpdate(update);
    // Nobody waits for a scan, so that others get their share of the database.
    await pause(Math.min(MAX_PAUSE_MS, ms), { signal });
    if (stoppedBy !== null) {
      reason = scanReason('scan-stopped-by', { who: stoppedBy });
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
      if (batch.length < pieces.now()) continue;
      await step(batch);
      batch = [];
      if (signal.aborted) break;
    }
    if (batch.length > 0 && !signal.aborted) await step(batch);
    if (stop.signal.aborted) state = 'STOPPED';
    else if (closing.aborted) [state, reason] = ['FAILED', scanReason('scan-manager-ended')];
  } catch (error) {
    [state, reason] = ['FAILED', asTpeError(error).reason];
    if (closing.aborted) reason = scanReason('scan-manager-ended');
    else options.onFault(`The scan for updates failed: ${reason.text}`);
  }
  const scan = await store.end(progress.id, state, reason, progress).catch((error) => {
    options.onFault(`The end of a scan for updates could not be recorded: ${messageOf(error)}`);
    return null;
  });
  const last = scan?.progress ?? {
    ...progress,
    ...{ state, reason: reason?.text ?? null, cause: reason?.cause ?? null },
    endedAt: new Date().toISOString(),
  };
  options.onScan(last);
  return last;
}

async function planSome(
  devices: readonly Device[],
  planOf: (model: string) => Promise<ModelPlan>,
  signal: AbortSignal,
  progress: ScanProgress,
): Promise<DeviceUpdate[]> {
  const updates: DeviceUpdate[] = [];
  for (const device of devices) {
    const model = device.modelName ?? '';
    if (model === '' && device.status === 'never_seen') {
      progress.done += 1;
      progress.unseen += 1;
      continue;
    }
    const found = await planOf(model);
    if (signal.aborted) return updates;
    progress.done += 1;
    if ('fault' in found) {
      progress.failed += 1;
      noteFault(progress, model || NO_MODEL, found.fault);
      continue;
    }
    const plan = found.plan(device);
    if (plan.path.length > 0) progress.found += 1;
    updates.push(updateOf(device, plan));
  }
  progress.total = Math.max(progress.total, progress.done);
  return updates;
}

function noteFault(progress: ScanProgress, model: string, { text, cause }: Reason): void {
  progress.faults = { ...progress.faults, [model]: text };
  progress.faultCauses = { ...progress.faultCauses, [model]: cause };
}

function updateOf(
  { clientid, modelName, firmwareVersion, tpeVersion }: Device,
  { recommended, path, candidates }: UpdatePlan,
): DeviceUpdate {
  const scannedAt = new Date().toISOString();
  return { clientid, modelName, firmwareVersion, tpeVersion, recommended, path, candidates, scannedAt };
}
