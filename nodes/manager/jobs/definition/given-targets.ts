import { parseTargets } from '../../registry/targets.js';
import { isPlainObject } from '../../shared/validate.js';
import type { JobTargets } from './definition.js';

const KINDS = ['ids', 'filter', 'all'] as const;

/**
 * Reads the targets of a job as flows give them: as a job has them (`ids`, `filter` or `all`, and `expect`), as a command has them (a client
 * id, a list of them, a filter, `{all: true}`), or what lists of gateways and scans for updates give: objects with `clientid`. Throws
 * INVALID_INPUT for anything else, and for no value. What is in `ids` and `filter` is checked with the job.
 */
export function jobTargets(given: unknown): JobTargets {
  const value = withoutDevices(given);
  if (isPlainObject(value) && KINDS.some((kind) => value[kind] !== undefined)) {
    return ('ids' in value ? { ...value, ids: withoutDevices(value.ids) } : value) as JobTargets;
  }
  const targets = parseTargets(value, 'targets');
  switch (targets.kind) {
    case 'one':
      return { ids: [targets.clientid] };
    case 'list':
      return { ids: [...targets.clientids] };
    case 'filter':
      return { filter: targets.filter };
    case 'all':
      return { all: true };
  }
}

/** The client ids where gateways are given. */
function withoutDevices(given: unknown): unknown {
  return Array.isArray(given) ? given.map(idIn) : idIn(given);
}

function idIn(given: unknown): unknown {
  return isPlainObject(given) && typeof given.clientid === 'string' ? given.clientid : given;
}
