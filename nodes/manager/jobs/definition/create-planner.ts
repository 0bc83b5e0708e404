import type { Rating } from '../../catalogue/risk.js';
import type { Device } from '../../registry/device.js';
import type { Reason } from '../../shared/reason.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { JobPreview } from '../job.js';
import type { JobStep } from './definition.js';
import { mostGateways } from './filling-work.js';
import { leavesRestarting } from './leaves-restarting.js';
import { neededSeconds } from './needed-seconds.js';
import { createOrder, orderOf } from './order.js';
import { type ParsedJob, type ParseOptions, parseJob } from './parse-job.js';
import { hashInOrder, type PreviewOptions, previewJob } from './preview-job.js';
import { rateSteps } from './rate-steps.js';
import { createWhyNot, type NamedJob, type WhyNot } from './why-not.js';

/** How long what was prepared by the catalogue is used again, ms. What is sent later is checked once more. */
const PREPARED_FOR_MS = 1000;

/** All that is to be known of definitions, by one catalogue and one registry. */
export interface Planner {
  /** Rejects as parseJob does. */
  parse(given: unknown): Promise<ParsedJob>;
  /** Throws as rateSteps does. */
  rate(steps: readonly JobStep[]): Rating;
  /** As leavesRestarting. */
  leavesRestarting(steps: readonly JobStep[]): boolean;
  /** Why a job does nothing on a gateway, as whyNot; quick for many gateways with the same list of steps. */
  whyNot(
    device: Device | null,
    steps: readonly JobStep[],
    values: Readonly<Record<string, unknown>> | null,
    job: NamedJob,
  ): Reason | null;
  /** As neededSeconds. */
  neededSeconds(steps: readonly JobStep[]): number;
  /** The most gateways that a job with these steps can be for. */
  mostGateways(steps: readonly JobStep[]): number;
  /** Rejects as previewJob does. */
  preview(parsed: ParsedJob): Promise<JobPreview>;
  orderOf(seed: string, clientid: string): number;
  /** The `hash` of a preview: `hash` is that of the definition, the client ids come in any order, each once. */
  previewHash(hash: string, clientids: AsyncIterable<string>): Promise<string>;
}

export function createPlanner(options: PreviewOptions & ParseOptions): Planner {
  const { catalogue } = options;
  const prepared = new WeakMap<readonly JobStep[], { why: WhyNot; at: number }>();

  function preparedFor(steps: readonly JobStep[]): WhyNot {
    const found = prepared.get(steps);
    const at = performance.now();
    if (found !== undefined && at - found.at < PREPARED_FOR_MS) return found.why;
    const why = createWhyNot(steps, catalogue);
    prepared.set(steps, { why, at });
    return why;
  }

  return {
    parse: (given) => parseJob(given, catalogue, options),
    rate: (steps) => rateSteps(steps, catalogue),
    leavesRestarting: (steps) => leavesRestarting(steps, catalogue),
    whyNot: (device, steps, values, job) => preparedFor(steps)(device, values, job),
    neededSeconds: (steps) => neededSeconds(steps, catalogue),
    mostGateways,
    preview: (parsed) => previewJob(parsed, options),
    orderOf,
    async previewHash(hash, clientids) {
      const order = createOrder(hash);
      for await (const clientid of clientids) {
        await yieldToEventLoop();
        order.add(clientid);
      }
      return await hashInOrder(hash, order.sorted());
    },
  };
}
