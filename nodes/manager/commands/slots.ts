import { disturbs } from '../guard/disturbs.js';
import type { Guard, SlotEnd, SlotRefusal } from '../guard/guard.js';
import { messageOf } from '../shared/tpe-error.js';

import { type CommandRecord, hasEnded } from './command.js';

/** A command that disturbs its gateway. */
interface Disturbing {
  clientid: string;
  requestId: string;
}

/** The slots of the guard, as commands take them. */
export interface Slots {
  /** Takes a slot; null if the command holds one now. Rejects with UNAVAILABLE or BUSY. */
  take(command: Disturbing): Promise<SlotRefusal | null>;
  /** Gives back the slot of a command that was not sent after all. */
  giveBack(command: Disturbing): void;
}

/** Creates the slots of commands. A slot that cannot be given back now is given back by the guard's own sweep. */
export function createSlots(guard: Pick<Guard, 'take' | 'ended'>, onFault: (text: string) => void): Slots {
  const ownerOf = ({ requestId }: Disturbing) => ({ kind: 'command', id: requestId }) as const;
  return {
    take: (command) => guard.take({ clientid: command.clientid, owner: ownerOf(command) }),
    giveBack(command) {
      guard
        .ended(ownerOf(command), 'never-sent')
        .catch((error) =>
          onFault(`The slot of command ${command.requestId} was not given back yet: ${messageOf(error)}`),
        );
    },
  };
}

/** Returns how a command is refused that gets no slot. */
export function refusedBy({ reason }: SlotRefusal) {
  return { code: 'GUARDED', reason, state: 'REJECTED' } as const;
}

/**
 * Returns how a command has ended for its slot; null if it has not ended, or took none. `restarts`: its operation restarts the gateway, or
 * nobody knows whether it does.
 */
export function slotEndOf(record: CommandRecord, restarts: boolean): SlotEnd | null {
  const { state, risk, classes, sentAt, reasonCode, job } = record;
  if (!hasEnded(state) || job !== null || !disturbs({ risk: risk ?? 'disruptive', classes })) return null;
  if (sentAt === null || state === 'EXPIRED' || state === 'CANCELED') return 'never-sent';
  // The broker may have delivered what it did not confirm.
  if (state === 'REJECTED') return reasonCode === 'UNAVAILABLE' ? 'unknown' : 'never-sent';
  if (state === 'TIMED_OUT') return 'unknown';
  return state === 'SUCCEEDED' && restarts ? 'restarts' : 'done';
}
