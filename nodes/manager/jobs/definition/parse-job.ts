import type { OperationSet } from '../../catalogue/operation-set.js';
import type { Rating } from '../../catalogue/risk.js';
import type { Targets } from '../../registry/targets.js';
import { whyTooLarge } from '../../shared/json-bounds.js';
import { isPlainObject, parser } from '../../shared/validate.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Job } from '../job.js';
import { JOB_DEFINITION, type JobDefinition, type JobPace, type JobStep } from './definition.js';
import { hashOf } from './hash.js';
import { paceOf } from './pace.js';
import { readTargetValues } from './per-target.js';
import type { LookUpSecret } from './secrets.js';
import { readSteps } from './steps.js';
import { whyUnstorable } from './storable.js';
import { readJobTargets, withTargetIds } from './targets.js';
import { wrongJob } from './wrong-job.js';

/** A job that was checked, with its defaults. */
export interface ParsedJob {
  /** As it was given, without `perTarget`. */
  definition: Job['definition'];
  steps: JobStep[];
  pace: JobPace;
  /** The highest rating of its steps, as far as it is known before placeholders are filled. */
  rating: Rating;
  /** SHA-256 of what it does, whom it is meant for, its pace and its values, hex. It is also the seed of the order of its gateways. */
  hash: string;
  /** The values of single gateways by client id; null if there are none. */
  values: ReadonlyMap<string, Record<string, unknown>> | null;
  targets: Targets;
}

export interface ParseOptions {
  /** Default: no secret is known. */
  lookUp?: LookUpSecret | undefined;
  /** How long a command may take that does not say, s; default 60. */
  commandSeconds?: number;
}

/** The largest definition apart from the values of single gateways and the client ids. */
const BOUNDS = { depth: 48, values: 200_000, characters: 4_000_000 };
const ADVICE = 'A job has at least "name", "do" and "targets".';

const readDefinition = parser<JobDefinition>(JOB_DEFINITION, 'job', ADVICE, 'place');

/**
 * Reads a job as callers give it. Rejects with INVALID_INPUT, whose details have the `field` and the `rule`, for what does not match the
 * schema, contradicts itself, or would be refused for every gateway.
 */
export async function parseJob(
  given: unknown,
  catalogue: OperationSet,
  { lookUp = () => undefined, commandSeconds = 60 }: ParseOptions = {},
): Promise<ParsedJob> {
  await refuseUnkeepable(given);
  await yieldToEventLoop();
  const { perTarget, ...definition } = readDefinition(withTargetIds(given));
  await yieldToEventLoop();
  const targets = readJobTargets(definition.targets);
  const found = perTarget === undefined ? null : await readTargetValues(perTarget);
  const values = found?.values ?? null;
  if (values !== null) await refuseOthers(values, targets);
  const { steps, rating } = await readSteps(definition, {
    catalogue,
    columns: found?.columns ?? null,
    lookUp,
  });
  const pace = paceOf(definition, steps, rating, commandSeconds);
  const hash = await hashOf({ steps, targets: definition.targets, pace, values });
  return { definition, steps, pace, rating, hash, values, targets };
}

async function refuseUnkeepable(given: unknown): Promise<void> {
  if (!isPlainObject(given)) return;
  const { perTarget: _perTarget, targets: _targets, ...rest } = given;
  const tooLarge = whyTooLarge(rest, BOUNDS);
  if (tooLarge !== null) throw wrongJob('job', 'size', tooLarge);
  for (const [field, value] of Object.entries(rest)) {
    await yieldToEventLoop();
    const why = whyUnstorable(value);
    if (why !== null) throw wrongJob(field, 'storable', why);
  }
}

async function refuseOthers(values: ReadonlyMap<string, unknown>, targets: Targets): Promise<void> {
  if (targets.kind !== 'list') return;
  await yieldToEventLoop();
  const ids = new Set(targets.clientids);
  await yieldToEventLoop();
  for (const clientid of values.keys()) {
    if (!ids.has(clientid))
      throw wrongJob(
        'perTarget',
        'clientid-not-in-ids',
        `has ${JSON.stringify(clientid)}, which is not in "targets.ids"`,
      );
  }
}
