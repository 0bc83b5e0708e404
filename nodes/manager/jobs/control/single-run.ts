/** Work that goes on beside what begins it, once at a time. */
export interface SingleRun<Args extends unknown[]> {
  /** Begins it, unless it is under way. */
  begin(...args: Args): void;
  isUnderWay(): boolean;
  /** Resolves when nothing is under way. */
  ended(): Promise<void>;
}

/** Creates it; `onError` is told when it rejects. */
export function createSingleRun<Args extends unknown[]>(
  work: (...args: Args) => Promise<unknown>,
  onError: (error: unknown) => void,
): SingleRun<Args> {
  let running: Promise<void> | null = null;

  async function run(args: Args): Promise<void> {
    try {
      await work(...args);
    } catch (error) {
      onError(error);
    }
    running = null;
  }

  return {
    begin(...args) {
      running ??= run(args);
    },
    isUnderWay: () => running !== null,
    async ended() {
      await running;
    },
  };
}
