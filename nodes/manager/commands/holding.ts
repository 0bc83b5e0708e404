import type { Reason } from '../shared/reason.js';
import { messageOf } from '../shared/tpe-error.js';
import type { CommandRecord } from './command.js';
import type { CommandStore } from './command-store.js';
import type { WaitingCommand } from './gateway-queue.js';

/** Has a command wait that a stop or the guard holds, and says in its record why. */
export type Hold = (waiting: WaitingCommand, reason: Reason) => void;

export interface HoldOptions {
  store: Pick<CommandStore, 'noteHeld'>;
  isClosed(): boolean;
  /** Called with each record whose reason has changed. */
  onRecord(record: CommandRecord): void;
  onFault(text: string): void;
}

/** Creates the function that holds commands. Nothing depends on whether the record says why. */
export function createHold({ store, isClosed, onRecord, onFault }: HoldOptions): Hold {
  return (waiting, reason) => {
    const isKnown = waiting.heldBy?.text === reason.text;
    waiting.isHeld = true;
    waiting.heldBy = reason;
    if (isKnown) return;
    store.noteHeld(waiting.requestId, reason).then(
      (record) => {
        if (record !== null) onRecord(record);
      },
      (error) => {
        if (!isClosed())
          onFault(`Why command ${waiting.requestId} waits could not be noted: ${messageOf(error)}`);
      },
    );
  };
}
