export interface Gatherer {
  /** Adds client ids; some time later all that came meanwhile are passed on together. */
  add(clientids: readonly string[]): void;
  close(): void;
}

/** Creates it. `pass` may reject: then the sweep finds what was missed. */
export function createGatherer(gatherMs: number, pass: (clientids: string[]) => Promise<unknown>): Gatherer {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    timer = null;
    const all = [...waiting];
    waiting.clear();
    pass(all).catch(() => undefined);
  }

  return {
    add(clientids) {
      for (const clientid of clientids) waiting.add(clientid);
      if (waiting.size > 0) timer ??= setTimeout(flush, gatherMs).unref();
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      waiting.clear();
    },
  };
}
