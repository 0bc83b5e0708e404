/**
 * Resolves with the result of `work` if it settles within `limitMs`, else with what `late` returns or throws. The work goes on all the
 * same, and does no harm if it rejects later.
 */
export function within<Result, Late>(
  limitMs: number,
  work: Promise<Result>,
  late: () => Late,
): Promise<Result | Awaited<Late>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(late() as Awaited<Late>);
      } catch (error) {
        reject(error);
      }
    }, limitMs);
    work.then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
