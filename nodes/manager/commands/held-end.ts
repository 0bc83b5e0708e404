import { commandReason } from './command-reasons.js';
import type { CommandEnd } from './command-store.js';
import type { GatewayQueues } from './gateway-queue.js';

/** Returns the end of a command that waited for too long with who held it, where it is not its gateway that was not reached. */
export function withHolder(
  queues: Pick<GatewayQueues, 'find'>,
  clientid: string,
  ending: CommandEnd,
): CommandEnd {
  if (ending.to !== 'EXPIRED') return ending;
  const waiting = queues.find(clientid)?.waiting.find(({ requestId }) => requestId === ending.requestId);
  if (waiting?.isHeld !== true || waiting.heldBy === null) return ending;
  const time = new Date().toISOString();
  return { ...ending, reason: commandReason('held-too-long', { time, reason: waiting.heldBy }) };
}
