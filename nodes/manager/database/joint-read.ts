/** Reads what belongs to a key together with what others ask for at the same time; undefined where there is nothing. */
export type JointRead<Result> = (key: string) => Promise<Result | undefined>;

interface Asked<Result> {
  resolve(result: Result | undefined): void;
  reject(error: unknown): void;
}

/** The most keys in one statement. */
const MOST = 500;

/**
 * Creates a joint read. It collects the keys that are asked for while the last statement runs and reads them in one, so that many callers at
 * once cost little more than one, and a single caller does not wait. Each statement begins after its keys were asked for. When it fails, all of
 * its callers get the error.
 */
export function createJointRead<Result>(
  read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Result>>,
): JointRead<Result> {
  let waiting = new Map<string, Asked<Result>[]>();
  let isReading = false;

  async function readAll(): Promise<void> {
    isReading = true;
    while (waiting.size > 0) {
      const batch = new Map([...waiting].slice(0, MOST));
      waiting = new Map([...waiting].slice(MOST));
      await settle(batch);
    }
    isReading = false;
  }

  async function settle(batch: ReadonlyMap<string, Asked<Result>[]>): Promise<void> {
    try {
      const found = await read([...batch.keys()]);
      for (const [key, askers] of batch) for (const { resolve } of askers) resolve(found.get(key));
    } catch (error) {
      for (const askers of batch.values()) for (const { reject } of askers) reject(error);
    }
  }

  return (key) =>
    new Promise((resolve, reject) => {
      const askers = waiting.get(key);
      if (askers) askers.push({ resolve, reject });
      else waiting.set(key, [{ resolve, reject }]);
      if (!isReading) void readAll();
    });
}
