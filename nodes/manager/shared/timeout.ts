/**
 * Resolves with the result of `work` if it settles within `limitMs`, else with what `late` returns or throws. The work goes on all the
 * same, and does no harm if it rejects later.
 */
export async function within<Result, Late>(
  limitMs: number,
  work: Promise<Result>,
  late: () => Late,
): Promise<Result | Awaited<Late>> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), limitMs);
  });
  try {
    const first = await Promise.race([work, limit]);
    return first === LATE ? await late() : first;
  } finally {
    clearTimeout(timer);
  }
}

const LATE = Symbol('late');
