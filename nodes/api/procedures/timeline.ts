import { availabilityOf } from '../../manager/presence/history.js';
import { TIMELINE_FIELDS } from '../../manager/timeline/timeline.js';
import type { Change } from '../changes.js';
import { defineProcedure } from '../procedure.js';
import { visibleKinds } from '../visible-kinds.js';
import { clientid, oneGateway } from './inputs.js';

const HOURS = { type: 'integer', minimum: 1, maximum: 720 } as const;

/** The procedures that tell what happened to one gateway. */
export const TIMELINE_PROCEDURES = {
  /** Returns what to draw of the last hours: presence without gaps, and what happened meanwhile. */
  'gateways.timeline': defineProcedure({
    role: 'viewer',
    isCostly: true,
    input: {
      type: 'object',
      properties: { clientid, hours: HOURS },
      required: ['clientid', 'hours'],
      additionalProperties: false,
    },
    async handler({ history, timeline }, input, { role }) {
      const [spans, drawn] = await Promise.all([
        history.timeline(input.clientid, input.hours),
        timeline.marks(input.clientid, input.hours, visibleKinds(role)),
      ]);
      return { spans, availability: availabilityOf(spans), ...drawn };
    },
    invalidatedBy: mayBeOf,
  }),

  /** Returns what happened, newest first. What the caller may not see is left out. */
  'gateways.timelinePage': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { clientid, ...TIMELINE_FIELDS },
      required: ['clientid', 'limit'],
      additionalProperties: false,
    },
    handler: ({ timeline }, { clientid, kinds, ...query }, { role }) => {
      const visible = visibleKinds(role, kinds);
      if (visible.length === 0) return Promise.resolve({ items: [], next: null });
      return timeline.list(clientid, { ...query, kinds: visible });
    },
    invalidatedBy: (change, input) => OF_ALL.has(change.kind) || mayBeOf(change, input),
  }),

  /** Returns what to do about a gateway first; null if there is no such gateway. */
  'gateways.nextStep': defineProcedure({
    role: 'viewer',
    input: oneGateway,
    handler: ({ timeline }, input) => timeline.nextStep(input.clientid),
    invalidatedBy: mayBeOf,
  }),
} as const;

/** What says of which gateway it is; and alarms, which do not. */
const OWN = new Set<Change['kind']>(['presence', 'device', 'command', 'installation', 'alarm']);
/** What may be of any gateway, and comes with each gateway that a job decides and each call of a program. Only the list, which costs least, follows it. */
const OF_ALL = new Set<Change['kind']>(['job', 'audit']);

function mayBeOf({ kind, clientid }: Change, input: { clientid: string }): boolean {
  return OWN.has(kind) && (clientid === null || clientid === input.clientid);
}
