import type { WhenOffline } from './command.js';

export interface WaitingCommand {
  requestId: string;
  whenOffline: WhenOffline;
}

/** What is under way to one gateway: one command in flight, the others behind it in order. */
export interface Lane {
  readonly clientid: string;
  /** The request id in flight; a slot that is being filled holds its future id too. */
  inFlight: string | null;
  waiting: WaitingCommand[];
  /** Something happened while the lane was being moved on: look again. */
  lookAgain: boolean;
}

export interface Lanes {
  /** The lane of a gateway, made when it has none. */
  of(clientid: string): Lane;
  find(clientid: string): Lane | undefined;
  /** Frees the slot if this request holds it; true when it did. */
  free(clientid: string, requestId: string): boolean;
  /** Forgets a lane in which nothing is left, so that an idle gateway costs nothing. */
  tidy(lane: Lane): void;
}

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>();
  return {
    of(clientid) {
      const found = lanes.get(clientid) ?? { clientid, inFlight: null, waiting: [], lookAgain: false };
      lanes.set(clientid, found);
      return found;
    },
    find: (clientid) => lanes.get(clientid),
    free(clientid, requestId) {
      const lane = lanes.get(clientid);
      if (lane?.inFlight !== requestId) return false;
      lane.inFlight = null;
      return true;
    },
    tidy(lane) {
      const isIdle = lane.inFlight === null && lane.waiting.length === 0;
      if (isIdle && lanes.get(lane.clientid) === lane) lanes.delete(lane.clientid);
    },
  };
}
