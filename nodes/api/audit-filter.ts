import { AUDIT_DOORS } from '../manager/audit/audit-door.js';
import { OUTCOMES } from '../manager/audit/outcome.js';

/** What the audit is narrowed by, at every door. */
export const AUDIT_FILTER = {
  who: { type: 'string', maxLength: 200, description: 'A part of the name, in any case.' },
  action: {
    type: 'string',
    maxLength: 100,
    description: 'The beginning: `gateway.` finds all that was done to gateways.',
  },
  clientid: {
    type: 'string',
    maxLength: 200,
    description: 'A gateway: what was done to it alone, as one of many, or as one of a job.',
  },
  gateway: {
    type: 'string',
    maxLength: 200,
    description: 'The same for all gateways that this is a part of the id or the name of, in any case.',
  },
  job: { type: 'string', maxLength: 200, description: 'The id of a job.' },
  outcome: { enum: OUTCOMES },
  door: { enum: AUDIT_DOORS, description: 'By which door the caller came.' },
  since: { type: 'string', maxLength: 40, description: 'ISO 8601, included.' },
  until: { type: 'string', maxLength: 40, description: 'ISO 8601, not included.' },
} as const;
