/**
 * Creates a function that has `work` done: at once if it was not done in the last `ms`, else when that time is over, for all calls that came
 * meanwhile. Only one runs at a time. What it rejects with is passed to `onFault`.
 */
export function atMostEvery(
  ms: number,
  work: () => Promise<void>,
  onFault: (error: unknown) => void,
): () => void {
  let isBusy = false;
  let isWanted = false;

  async function run(): Promise<void> {
    isBusy = true;
    isWanted = false;
    const rest = new Promise((resolve) => setTimeout(resolve, ms).unref());
    await work().catch(onFault);
    await rest;
    isBusy = false;
    if (isWanted) void run();
  }

  return () => {
    isWanted = true;
    if (!isBusy) void run();
  };
}
