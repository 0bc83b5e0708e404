export interface Suspects {
  /** The events do not decide how this client stands: look into it in a moment. */
  add(clientid: string): void;
  close(): void;
}

export interface SuspectsOptions {
  /** Makes the presence of one client true by what the broker says of it. */
  checkOne(clientid: string): Promise<void>;
  /** The same for all, soon. */
  checkAll(): void;
  onFault(clientid: string, error: unknown): void;
}

/** A client that reconnects has done so by then, and its connect has come, ms. */
const SETTLE_MS = 3000;
/** More than so many at once are cheaper to look into all together. */
const MOST_ALONE = 200;

/** Clients whose state the broker is asked for. What fails is left to the next comparison of all. */
export function createSuspects(options: SuspectsOptions): Suspects {
  let suspects = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    timer = undefined;
    const settled = suspects;
    suspects = new Set();
    if (settled.size > MOST_ALONE) return options.checkAll();
    const check = (clientid: string) =>
      options.checkOne(clientid).catch((error) => options.onFault(clientid, error));
    await Promise.all([...settled].map(check));
  }

  return {
    add(clientid) {
      if (isClosed) return;
      suspects.add(clientid);
      timer ??= setTimeout(() => void look(), SETTLE_MS);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
