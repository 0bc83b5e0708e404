import {
  HOLD,
  HOLD_QUERY,
  LIMIT,
  NEW_LIMIT,
  NEW_STOP,
  parseNewLimit,
  parseNewStop,
  parseRelease,
  RELEASE,
  STOP,
  STOP_QUERY,
  type Stop,
} from '../../manager/guard/guard.js';
import { CURSOR } from '../../manager/shared/page.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isPlainObject } from '../../manager/shared/validate.js';
import { listOf, objectOf } from '../../manager/shared/value-schemas.js';
import { callReason } from '../call-reasons.js';
import type { Caller } from '../caller.js';
import { stopSubject } from '../stop-subject.js';
import { LIMITS, SLOT, STOPPED } from './job-examples.js';
import { defineRoute, objectIn, type RestAnswer } from './route.js';

const { includeLifted, limit } = STOP_QUERY.properties;
const { scope, value } = HOLD_QUERY.properties;

/** The REST routes for stops, and for slots of gateways that are disturbed. */
export const STOP_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/stop',
    operationId: 'listStops',
    tag: 'Stops',
    summary: 'List what is stopped, newest first',
    role: 'viewer',
    isPaged: true,
    query: {
      type: 'object',
      properties: { includeLifted, cursor: CURSOR, limit },
      additionalProperties: false,
    },
    data: listOf(STOP),
    examples: { data: [STOPPED] },
    async answer({ guard }, { query: { cursor: before, ...query } }) {
      const { items, next } = await guard.stops({ ...query, ...(before !== undefined && { before }) });
      return { data: items, next };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/stop',
    operationId: 'stop',
    tag: 'Stops',
    summary: 'Stop all that is not a read',
    description:
      'For the fleet, a site, a model or a job, until it is lifted. When it is answered, nothing more is sent. What is stopped already is answered with the stop from before.',
    role: 'operator',
    action: 'stop.set',
    subject: async ({ body }) => stopSubject(isPlainObject(body) ? body : {}),
    auditDone: (answer) => ({ detail: { stop: stopIn(answer).id } }),
    body: { kind: 'json', isRequired: true, schema: NEW_STOP },
    data: STOP,
    examples: { body: { scope: 'site', value: 'Plant 1', reason: 'pump 3 leaks' }, data: STOPPED },
    answer: async ({ guard }, { body }, caller) => ({
      data: await guard.stop(parseNewStop(objectIn(body)), caller.requestedBy),
    }),
  }),

  defineRoute({
    method: 'DELETE',
    path: '/stop/{id}',
    operationId: 'liftStop',
    tag: 'Stops',
    summary: 'Lift a stop',
    description:
      'Takes a personal token of an administrator: the API token is shared by programs, and a program does not decide that a plant is safe again.',
    role: 'administrator',
    action: 'stop.lift',
    detail: ({ params: { id = '' } }) => ({ stop: id.slice(0, 20) }),
    auditDone: (answer) => stopSubject(stopIn(answer)),
    errors: ['NOT_FOUND', 'CONFLICT'],
    data: STOP,
    examples: {
      data: { ...STOPPED, liftedBy: 'REST: ada (Night shift)', liftedAt: '2025-11-29T23:02:00.000Z' },
    },
    async answer({ guard }, { params: { id = '' } }, caller) {
      refuseNobody(caller);
      return { data: await guard.lift(id, caller.requestedBy) };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/guard',
    operationId: 'readGuard',
    tag: 'Stops',
    summary: 'Read which gateways are disturbed now, and how many may be',
    description:
      'Slots are listed newest first; with `scope` and `value`, those of one site, model or redundancy set.',
    role: 'viewer',
    isPaged: true,
    query: {
      type: 'object',
      properties: { scope, value, cursor: CURSOR, limit },
      additionalProperties: false,
    },
    data: objectOf({ limits: listOf(LIMIT), holds: listOf(HOLD) }),
    examples: { data: { limits: LIMITS, holds: [SLOT] } },
    async answer({ guard }, { query: { cursor: before, ...query } }) {
      const { items, next } = await guard.holds({ ...query, ...(before !== undefined && { before }) });
      return { data: { limits: await guard.limits(), holds: items }, next };
    },
  }),

  defineRoute({
    method: 'PUT',
    path: '/guard/limit',
    operationId: 'setLimit',
    tag: 'Stops',
    summary: 'Set how many gateways may be disturbed at once',
    description: 'The answer is all limits.',
    role: 'administrator',
    action: 'guard.limit',
    detail({ body }) {
      const { scope: of, value: which, max } = isPlainObject(body) ? body : {};
      return { limit: [of, which, max].map((one) => String(one).slice(0, 200)).join(' ') };
    },
    body: { kind: 'json', isRequired: true, schema: NEW_LIMIT },
    data: listOf(LIMIT),
    examples: { body: { scope: 'site', value: 'Plant 1', max: 2 }, data: LIMITS },
    async answer({ guard }, { body }, caller) {
      await guard.setLimit(parseNewLimit(objectIn(body)), caller.requestedBy);
      return { data: await guard.limits() };
    },
  }),

  defineRoute({
    method: 'POST',
    path: '/guard/release',
    operationId: 'releaseSlot',
    tag: 'Stops',
    summary: 'Give back the slot of a gateway, whatever it does',
    description: 'For a gateway that does not become well by itself. The reason stays in the audit.',
    role: 'administrator',
    action: 'guard.release',
    detail({ body }) {
      const { owner, reason } = isPlainObject(body) ? body : {};
      const { kind, id } = isPlainObject(owner) ? owner : {};
      return { owner: `${kind} ${id}`.slice(0, 200), reason: String(reason).slice(0, 500) };
    },
    errors: ['NOT_FOUND'],
    body: { kind: 'json', isRequired: true, schema: RELEASE },
    data: HOLD,
    examples: { body: { clientid: SLOT.clientid, owner: SLOT.owner, reason: 'replaced' }, data: SLOT },
    answer: async ({ guard }, { body }) => ({ data: await guard.release(parseRelease(objectIn(body))) }),
  }),
];

function stopIn(answer: RestAnswer): Stop {
  return (answer as { data: Stop }).data;
}

/** Throws FORBIDDEN for who is no person with an account here: the API token. */
function refuseNobody({ id }: Caller): void {
  if (id === null) throw new TpeError('FORBIDDEN', callReason('stop-needs-person'));
}
