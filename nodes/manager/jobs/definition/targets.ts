import { clientIdOf } from '../../protocol/client-id.js';
import { parseTargets, type Targets } from '../../registry/targets.js';
import { TpeError } from '../../shared/tpe-error.js';
import { isPlainObject } from '../../shared/validate.js';
import type { JobTargets } from './definition.js';
import { wrongJob } from './wrong-job.js';

const KINDS = ['ids', 'filter', 'all'] as const;

/** Reads whom a job is meant for. Throws INVALID_INPUT unless there is exactly one of `ids`, `filter` and `all`, and it says something. */
export function readJobTargets(given: JobTargets): Targets {
  const kinds = KINDS.filter((kind) => given[kind] !== undefined);
  if (kinds.length === 0)
    throw wrongJob(
      'targets',
      'one-kind',
      'must say whom it is meant for: give "ids", "filter" or "all": true',
    );
  if (kinds.length > 1)
    throw wrongJob(
      'targets',
      'one-kind',
      `has ${kinds.map((kind) => `"${kind}"`).join(' and ')}: give one of them`,
    );
  if (given.all !== undefined) return { kind: 'all' };
  // The schema of a job has checked them, one by one.
  if (given.ids !== undefined) return { kind: 'list', clientids: given.ids };
  return parseTargets(given.filter, 'targets.filter');
}

/** The definition with the client ids of its targets as texts, since spreadsheets and JSON make numbers of ids that are digits. */
export function withTargetIds(given: unknown): unknown {
  if (!isPlainObject(given) || !isPlainObject(given.targets)) return given;
  const { ids } = given.targets;
  if (!Array.isArray(ids) || ids.every((id) => typeof id === 'string')) return given;
  return { ...given, targets: { ...given.targets, ids: ids.map(clientIdOf) } };
}

/** Throws CONFLICT if the number of gateways differs by more than a tenth from what the definition expects. */
export function refuseUnexpected({ expect }: Pick<JobTargets, 'expect'>, total: number): void {
  if (expect === undefined || Math.abs(total - expect) * 10 <= expect) return;
  throw new TpeError(
    'CONFLICT',
    `The job expects ${expect} gateways, but there are ${total}: look at its targets, or change "targets.expect".`,
    { field: 'targets.expect', rule: 'expect', expect, total },
  );
}
