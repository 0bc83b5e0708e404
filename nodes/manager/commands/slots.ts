import { disturbs } from '../guard/disturbs.js';
import type { Guard, SlotEnd } from '../guard/guard.js';
import { stopReason } from '../guard/stop-reason.js';
import type { Reason } from '../shared/reason.js';
import { messageOf } from '../shared/tpe-error.js';

import { type CommandRecord, hasEnded } from './command.js';

/** A command that disturbs its gateway. */
interface Disturbing {
  clientid: string;
  requestId: string;
}

/** Why a command may not be sent now. */
export interface Withheld {
  code: 'STOPPED' | 'GUARDED';
  reason: Reason;
}

/** The slots of the guard, as commands take them. */
export interface Slots {
  /** Takes a slot; null if the command holds one now. A stop is told before the want of a slot. Rejects with UNAVAILABLE or BUSY. */
  take(command: Disturbing): Promise<Withheld | null>;
  /** Gives back the slot of a command that was not sent after all. Never rejects. */
  giveBack(command: Disturbing): Promise<void>;
}

/** What commands need of the guard. */
export type CommandGuard = Pick<Guard, 'take' | 'ended' | 'stopOf'>;

/** Creates the slots of commands. A slot that cannot be given back now is given back by the guard's own sweep. */
export function createSlots(guard: CommandGuard, onFault: (text: string) => void): Slots {
  const ownerOf = ({ requestId }: Disturbing) => ({ kind: 'command', id: requestId }) as const;
  return {
    async take(command) {
      const { clientid } = command;
      const stop = await guard.stopOf(clientid);
      if (stop !== null) return { code: 'STOPPED', reason: stopReason(stop) };
      const refusal = await guard.take({ clientid, owner: ownerOf(command) });
      return refusal === null ? null : { code: 'GUARDED', reason: refusal.reason };
    },
    async giveBack(command) {
      await guard
        .ended(ownerOf(command), 'never-sent')
        .catch((error) =>
          onFault(`The slot of command ${command.requestId} was not given back yet: ${messageOf(error)}`),
        );
    },
  };
}

/**
 * Returns how a command has ended for its slot; null if it has not ended, or took none. `restarts`: its operation restarts the gateway, or
 * nobody knows whether it does; it is asked only where that counts.
 */
export function slotEndOf(record: CommandRecord, restarts: () => boolean): SlotEnd | null {
  const { state, risk, classes, sentAt, reasonCode, job } = record;
  if (!hasEnded(state) || job !== null || !disturbs({ risk: risk ?? 'disruptive', classes })) return null;
  if (sentAt === null || state === 'EXPIRED' || state === 'CANCELED') return 'never-sent';
  // The broker may have delivered what it did not confirm.
  if (state === 'REJECTED') return reasonCode === 'UNAVAILABLE' ? 'unknown' : 'never-sent';
  if (state === 'TIMED_OUT') return 'unknown';
  return state === 'SUCCEEDED' && restarts() ? 'restarts' : 'done';
}
