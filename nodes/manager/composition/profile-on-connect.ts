export interface ProfileAsker {
  /** Queues a request for the profile; duplicates are merged. */
  ask(clientid: string): void;
  /** Sends the requests that waited, once requests can be sent again. */
  goOn(): void;
  close(): void;
}

/** The limit of concurrent requests, so that a fleet that reconnects is not flooded. */
const AT_ONCE = 50;

/**
 * Creates the part that requests the profile of gateways when they connect, a bounded number at a time. `mayAsk` is false while no manager
 * can send; requests wait then. `settleMs` is the wait after a connect, for brokers that do not report whether the gateway is subscribed.
 */
export function createProfileAsker(
  refresh: (clientid: string) => Promise<unknown>,
  mayAsk: () => boolean,
  settleMs: number,
): ProfileAsker {
  const waiting = new Set<string>();
  const settling = new Set<NodeJS.Timeout>();
  let running = 0;

  function next(): void {
    while (running < AT_ONCE && mayAsk()) {
      const [clientid] = waiting;
      if (clientid === undefined) return;
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
      waiting.clear();
    },
  };
}
