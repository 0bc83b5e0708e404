import type { Reason } from '../shared/reason.js';
import type { Stop } from './guard.js';
import { guardReason } from './guard-reasons.js';

/** Says to a person who has stopped what. */
export function stopReason({ scope, value, createdBy: by }: Stop): Reason {
  if (scope === 'fleet' || value === null) return guardReason('stopped-fleet', { by });
  return guardReason(`stopped-${scope}`, { by, value });
}
