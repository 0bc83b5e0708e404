/** The clients whose events are inconclusive, so that the broker has to be queried about them. */
export interface RecheckQueue {
  /** Schedules a check of this client in some seconds. */
  add(clientid: string): void;
  close(): void;
}

export interface RecheckQueueOptions {
  /** Queries the broker about one client and corrects its presence. */
  checkOne(clientid: string): Promise<void>;
  /** Schedules a comparison of all clients with the broker's list. */
  checkAll(): void;
  onFault(clientid: string, error: unknown): void;
}

/** Enough time for a client to reconnect and for the event of that connect to arrive, ms. */
const SETTLE_MS = 3000;
/** For more clients than this, a comparison with the whole list is cheaper. */
const MAX_SINGLE_CHECKS = 200;

/** Creates the queue. A check that fails goes to `onFault` and is not repeated: the next full comparison corrects the client. */
export function createRecheckQueue(options: RecheckQueueOptions): RecheckQueue {
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    timer = undefined;
    const settled = waiting;
    waiting = new Set();
    if (settled.size > MAX_SINGLE_CHECKS) return options.checkAll();
    const check = (clientid: string) =>
      options.checkOne(clientid).catch((error) => options.onFault(clientid, error));
    await Promise.all([...settled].map(check));
  }

  return {
    add(clientid) {
      if (isClosed) return;
      waiting.add(clientid);
      timer ??= setTimeout(() => void look(), SETTLE_MS);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
