export interface RecheckQueue {
  /** Events are inconclusive for this client; schedule a check. */
  add(clientid: string): void;
  close(): void;
}

export interface RecheckQueueOptions {
  /** Corrects the presence of one client by its state at the broker. */
  checkOne(clientid: string): Promise<void>;
  /** The same for all, soon. */
  checkAll(): void;
  onFault(clientid: string, error: unknown): void;
}

/** A client that reconnects has done so by then, and its connect has arrived, ms. */
const SETTLE_MS = 3000;
/** For more than this, a full comparison is cheaper. */
const MAX_SINGLE_CHECKS = 200;

/** Clients to be checked with the broker. Checks that fail are left to the next full comparison. */
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
