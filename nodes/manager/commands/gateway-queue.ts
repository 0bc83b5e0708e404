import type { WhenOffline } from './command.js';

export interface WaitingCommand {
  requestId: string;
  whenOffline: WhenOffline;
}

/** The queue of one gateway: one command in flight, the others behind it in order. */
export interface GatewayQueue {
  readonly clientid: string;
  /** The request id in flight; a slot that is being filled holds its future id too. */
  inFlight: string | null;
  waiting: WaitingCommand[];
  /** Something happened while the queue was being moved on: look again. */
  lookAgain: boolean;
}

export interface GatewayQueues {
  /** The queue of a gateway, made when it has none. */
  of(clientid: string): GatewayQueue;
  find(clientid: string): GatewayQueue | undefined;
  /** Frees the slot if this request holds it. */
  free(clientid: string, requestId: string): void;
  /** Forgets a queue in which nothing is left, so that an idle gateway costs nothing. */
  tidy(queue: GatewayQueue): void;
}

/** The queues of all gateways for which this manager has commands, one for each gateway. */
export function createGatewayQueues(): GatewayQueues {
  const queues = new Map<string, GatewayQueue>();
  return {
    of(clientid) {
      const found = queues.get(clientid) ?? { clientid, inFlight: null, waiting: [], lookAgain: false };
      queues.set(clientid, found);
      return found;
    },
    find: (clientid) => queues.get(clientid),
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

/** Takes a command out of those that wait; the one in flight stays. */
export function dropWaiting(queue: GatewayQueue, requestId: string): void {
  queue.waiting = queue.waiting.filter((waiting) => waiting.requestId !== requestId);
}
