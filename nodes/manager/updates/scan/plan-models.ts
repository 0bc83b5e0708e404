import type { PackageUrlRule } from '../../catalogue/package-url.js';
import type { Device } from '../../registry/device.js';
import type { Reason } from '../../shared/reason.js';
import { asTpeError } from '../../shared/tpe-error.js';
import type { SoftwareRepository } from '../repository/repository.js';
import { planUpdates, type UpdatePlan } from './plan.js';
import { scanReason } from './scan-reasons.js';

/** How to plan the updates of a gateway of a model, or why the gateways of this model cannot be scanned. */
export type ModelPlan = { fault: Reason } | { plan(device: Device): UpdatePlan };

export interface ModelPlansOptions {
  packageUrl: PackageUrlRule;
  onFault(text: string): void;
}

/** Creates a function that asks the repository once for each model, however many gateways have it. It never rejects. */
export function createModelPlans(
  { packageUrl, onFault }: ModelPlansOptions,
  from: SoftwareRepository,
  signal: AbortSignal,
): (model: string) => Promise<ModelPlan> {
  const models = new Map<string, Promise<ModelPlan>>();

  /** Gateways of a model with the same versions share a plan. */
  async function planFor(model: string): Promise<ModelPlan> {
    if (model === '') return { fault: scanReason('scan-model-untold') };
    try {
      const [mil, tpe] = await Promise.all([
        from.packages('mil', model, signal),
        from.packages('tpe', model, signal),
      ]);
      for (const fault of [...mil.faults, ...tpe.faults]) onFault(`${from.place}, ${model}: ${fault}`);
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
      return { fault: asTpeError(error).reason };
    }
  }

  return (model) => {
    const known = models.get(model) ?? planFor(model);
    models.set(model, known);
    return known;
  };
}
