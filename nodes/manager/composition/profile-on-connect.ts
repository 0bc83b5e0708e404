export interface ProfileAsker {
  /** Asks soon; asked twice before it was done is asked once. */
  ask(clientid: string): void;
  /** It can be asked again: who waited is. */
  goOn(): void;
  close(): void;
}

/** So many gateways are asked at once: a fleet that reconnects must not be flooded. */
const AT_ONCE = 50;

/**
 * Asks gateways for their profile when they connect, a bounded number at a time.
 * `mayAsk`: false while nobody could send it: then it waits. `settleMs`: how long to wait after a connect, for brokers that cannot say whether the gateway listens yet.
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
      // A gateway that does not answer now is asked at its next connect, or on demand.
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
