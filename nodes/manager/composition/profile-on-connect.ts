export interface ProfileAsker {
  /** Queues a request for the profile; duplicates are merged. */
  ask(clientid: string): void;
  /** Sends the requests that waited, once requests can be sent again. */
  goOn(): void;
  close(): void;
}

/** The limit of concurrent requests, so that a fleet that reconnects is not flooded. */
const AT_ONCE = 50;
/** So many connects in so short a time are a storm. */
const STORM = { connects: 100, withinMs: 1000 };
/** The limit in a storm: a request costs several times what a connect does, and would keep the connects behind it waiting. */
const AT_ONCE_IN_STORM = 2;
/** How often it looks whether a storm is over. */
const LOOK_EVERY_MS = 250;

/**
 * Creates the part that requests the profile of gateways when they connect, a bounded number at a time, and few while many connect. `mayAsk` is false while no manager
 * can send; requests wait then. `settleMs` is the wait after a connect, for brokers that do not report whether the gateway is subscribed.
 */
export function createProfileAsker(
  refresh: (clientid: string) => Promise<unknown>,
  mayAsk: () => boolean,
  settleMs: number,
): ProfileAsker {
  const waiting = new Set<string>();
  const settling = new Set<NodeJS.Timeout>();
  const storm = createStormWatch();
  let running = 0;
  let look: NodeJS.Timeout | null = null;

  /** How many more may be requested now; looks again later when a storm is why there are no more. */
  function room(): number {
    if (!storm.isOn()) return AT_ONCE - running;
    look ??= setTimeout(() => {
      look = null;
      next();
    }, LOOK_EVERY_MS);
    return AT_ONCE_IN_STORM - running;
  }

  function next(): void {
    for (;;) {
      const [clientid] = waiting;
      if (clientid === undefined || !mayAsk() || room() <= 0) return;
      waiting.delete(clientid);
      running += 1;
      // A gateway that does not answer is asked again at its next connect, or on demand.
      void refresh(clientid)
        .catch(() => undefined)
        .finally(() => {
          running -= 1;
          next();
        });
    }
  }

  return {
    ask(clientid) {
      storm.noteConnect();
      const timer = setTimeout(() => {
        settling.delete(timer);
        waiting.add(clientid);
        next();
      }, settleMs);
      settling.add(timer);
    },
    goOn: next,
    close() {
      for (const timer of settling) clearTimeout(timer);
      if (look !== null) clearTimeout(look);
      waiting.clear();
    },
  };
}

/** Creates the watch, which keeps the times of the last connects, and calls it a storm when the oldest of them is not long ago. */
function createStormWatch() {
  const times = new Float64Array(STORM.connects).fill(Number.NEGATIVE_INFINITY);
  let place = 0;
  return {
    noteConnect() {
      times[place] = performance.now();
      place = (place + 1) % times.length;
    },
    isOn: () => performance.now() - times[place]! < STORM.withinMs,
  };
}
