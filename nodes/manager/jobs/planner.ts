import type { Rating } from '../catalogue/risk.js';
import type { Device } from '../registry/device.js';
import type { Targets } from '../registry/targets.js';
import type { Reason } from '../shared/reason.js';
import type { JobPace, JobStep } from './definition/definition.js';
import type { Job, JobPreview } from './job.js';

/** A definition that was found to be right, with its defaults. */
export interface PlannedJob {
  definition: Job['definition'];
  steps: JobStep[];
  pace: JobPace;
  rating: Rating;
  /** SHA-256 of what is done, hex; the order of the gateways goes by it too. */
  hash: string;
  /** The values of single gateways by client id. */
  values: ReadonlyMap<string, Record<string, unknown>> | null;
  targets: Targets;
}

/** What the engine needs to know of definitions, without knowing the catalogue. */
export interface JobPlanner {
  /** Checks a definition. Rejects with INVALID_INPUT, with the field and the rule. */
  parse(given: unknown): Promise<PlannedJob>;
  /** Rates what is done by the catalogue as it is now. Throws if an operation is not in it any more. */
  rate(steps: readonly JobStep[]): Rating;
  /** Whether a gateway may still restart when these steps are done, since none of them waits for it. */
  leavesRestarting(steps: readonly JobStep[]): boolean;
  /** Why the job cannot be done on this gateway, whatever happens; null if it can. */
  whyNot(
    device: Device,
    steps: readonly JobStep[],
    values: Readonly<Record<string, unknown>>,
    job: Pick<Job, 'id' | 'name'>,
  ): Reason | null;
  /** How long a window has to stay open for these steps on one gateway, s. */
  neededSeconds(steps: readonly JobStep[]): number;
  /** The most gateways that a job with these steps can be for. */
  mostGateways(steps: readonly JobStep[]): number;
  preview(planned: PlannedJob): Promise<JobPreview>;
  /** The place of a gateway in the order, 32 bits without sign. */
  orderOf(seed: string, clientid: string): number;
  /** What a preview of this definition with these gateways, which come in any order, has as its hash. */
  previewHash(hash: string, clientids: AsyncIterable<string>): Promise<string>;
}
