import { disturbs } from '../guard/disturbs.js';
import { stopsHold } from '../guard/stops-hold.js';
import type { Reason } from '../shared/reason.js';
import type { CommandRecord, WhenGuarded, WhenOffline } from './command.js';

export interface WaitingCommand {
  requestId: string;
  whenOffline: WhenOffline;
  whenGuarded: WhenGuarded;
  /** Whether it may change the gateway, so that a stop holds it. */
  changes: boolean;
  /** Whether it disturbs the gateway, so that it needs a slot of the guard; an execution of a job has its own. */
  disturbs: boolean;
  /** Whether a stop or the guard held it when it was last looked at; others may go before it then. */
  isHeld: boolean;
  /** Who held it last; null if nobody has. */
  heldBy: Reason | null;
}

/** The queue of one gateway: one command in flight, the others behind it in order. */
export interface GatewayQueue {
  readonly clientid: string;
  /** The request id of the command in flight, or of one that is about to be sent; null if the slot is free. */
  inFlight: string | null;
  waiting: WaitingCommand[];
  /** Set when something happens while the queue is being advanced, so that the queue is checked once more. */
  lookAgain: boolean;
}

export interface GatewayQueues {
  /** Returns the queue of a gateway, and creates it if there is none. */
  of(clientid: string): GatewayQueue;
  find(clientid: string): GatewayQueue | undefined;
  /** At most so many queues with a command that a stop or the guard holds, and each one behind all others the next time. */
  takeHeld(most: number): GatewayQueue[];
  /** Frees the slot if this request holds it. */
  free(clientid: string, requestId: string): void;
  /** Removes a queue in which nothing is left, so that an idle gateway costs no memory. */
  tidy(queue: GatewayQueue): void;
}

/** Creates the queues of the gateways for which this manager has commands, one for each gateway. */
export function createGatewayQueues(): GatewayQueues {
  const queues = new Map<string, GatewayQueue>();
  return {
    of(clientid) {
      const found = queues.get(clientid);
      if (found !== undefined) return found;
      const queue: GatewayQueue = { clientid, inFlight: null, waiting: [], lookAgain: false };
      queues.set(clientid, queue);
      return queue;
    },
    find: (clientid) => queues.get(clientid),
    takeHeld(most) {
      const taken: GatewayQueue[] = [];
      for (const queue of queues.values()) {
        if (taken.length === most) break;
        if (queue.waiting.some(({ isHeld }) => isHeld)) taken.push(queue);
      }
      for (const queue of taken) {
        queues.delete(queue.clientid);
        queues.set(queue.clientid, queue);
      }
      return taken;
    },
    free(clientid, requestId) {
      const queue = queues.get(clientid);
      if (queue?.inFlight === requestId) queue.inFlight = null;
    },
    tidy(queue) {
      const isIdle = queue.inFlight === null && queue.waiting.length === 0;
      if (isIdle && queues.get(queue.clientid) === queue) queues.delete(queue.clientid);
    },
  };
}

/** Returns what has to be known of a command while it waits. The risk of a record from before risks were stored may be any. */
export function waitingOf(record: CommandRecord): WaitingCommand {
  const { requestId, whenOffline, whenGuarded, risk, classes, job } = record;
  return {
    ...{ requestId, whenOffline, whenGuarded, isHeld: false, heldBy: null },
    changes: stopsHold(risk),
    disturbs: job === null && disturbs({ risk: risk ?? 'disruptive', classes }),
  };
}

/** Removes a command from those that wait; the one in flight stays. */
export function dropWaiting(queue: GatewayQueue, requestId: string): void {
  queue.waiting = queue.waiting.filter((waiting) => waiting.requestId !== requestId);
}
