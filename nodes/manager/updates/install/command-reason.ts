import type { CommandRecord } from '../../commands/command.js';
import { type Reason, wordsOfOthers } from '../../shared/reason.js';

type Ended = Pick<CommandRecord, 'state' | 'reason' | 'cause'>;

/** Why a command ended as it did; null if its record does not say. */
export function commandReason({ reason, cause }: Ended): Reason | null {
  return reason === null ? null : { text: reason, cause: cause ?? null };
}

/** The same, or at least its state. */
export function commandReasonOrState(command: Ended): Reason {
  return commandReason(command) ?? wordsOfOthers(command.state);
}
