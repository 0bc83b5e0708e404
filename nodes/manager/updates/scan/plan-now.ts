import type { Device } from '../../registry/device.js';
import type { Reason } from '../../shared/reason.js';
import type { SoftwareRepository } from '../repository/repository.js';
import type { SoftwarePackage } from '../software-package.js';
import { createModelPlans, type ModelPlansOptions } from './plan-models.js';
import { scanReason } from './scan-reasons.js';

/** What a gateway should get, or why nobody knows: the repository cannot be read, or the gateway does not tell its model. */
export type PlannedPath = { fault: Reason } | { path: readonly SoftwarePackage[] };

/** How long the list of packages of a model is kept, so that many gateways of it share one request, ms. */
const KEPT_MS = 300_000;

/**
 * Creates the function that plans the updates of one gateway by what the repository has now. `open` returns the repository; null if none is
 * configured. It rejects as `open` does.
 */
export function createPlanNow(
  options: ModelPlansOptions,
  open: () => SoftwareRepository | null,
  signal: AbortSignal,
): (device: Device) => Promise<PlannedPath> {
  let kept: { planOf: ReturnType<typeof createModelPlans>; until: number } | null = null;

  return async (device) => {
    const repository = open();
    if (repository === null) return { fault: scanReason('scan-no-repository') };
    if (kept === null || Date.now() >= kept.until) {
      kept = { planOf: createModelPlans(options, repository, signal), until: Date.now() + KEPT_MS };
    }
    const asked = kept;
    const found = await asked.planOf(device.modelName ?? '');
    if (!('fault' in found)) return { path: found.plan(device).path };
    // The next one asks again: the repository may be back.
    if (kept === asked && device.modelName !== null) kept = null;
    return found;
  };
}
