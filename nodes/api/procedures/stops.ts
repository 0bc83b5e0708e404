import { NEW_STOP, type Stop } from '../../manager/guard/guard.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';
import { liftConfirmationOf } from '../confirmation.js';
import { defineProcedure } from '../procedure.js';
import { stopSubject } from '../stop-subject.js';
import { id, nothing } from './inputs.js';

/** The procedures for stops. */
export const STOP_PROCEDURES = {
  'stops.active': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: ({ guard }) => guard.activeStops(),
    invalidatedBy: ({ kind, what }) => kind === 'guard' && what === 'stops',
  }),

  /** Stops all that is not a read, for the fleet, a site, a model or a job. */
  'stops.stop': defineProcedure({
    role: 'operator',
    input: NEW_STOP,
    handler: ({ guard }, input, caller) => guard.stop(input, caller.requestedBy),
    audit: (input) => ({ action: 'stop.set', ...stopSubject(input) }),
    auditDone: ({ id }) => ({ detail: { stop: id } }),
  }),

  /** Lifts a stop. `confirm` is what it holds back: the site, the model, the id of the job, or `fleet`. */
  'stops.lift': defineProcedure({
    role: 'administrator',
    input: {
      type: 'object',
      properties: { id, confirm: { type: 'string', maxLength: 200 } },
      required: ['id', 'confirm'],
      additionalProperties: false,
    },
    async handler({ guard }, { id, confirm }, caller) {
      const stop = (await guard.activeStops()).find((one) => one.id === id);
      // One that is not active any more is refused by the guard, which knows by whom it was lifted.
      if (stop !== undefined) refuseOther(stop, confirm);
      return await guard.lift(id, caller.requestedBy);
    },
    audit: ({ id }) => ({ action: 'stop.lift', detail: { stop: id } }),
    auditDone: (stop) => stopSubject(stop),
  }),
} as const;

function refuseOther(stop: Stop, confirm: string): void {
  const confirmation = liftConfirmationOf(stop);
  if (confirm === confirmation) return;
  throw new TpeError('CONFLICT', callReason('confirm-with', { confirmation }));
}
