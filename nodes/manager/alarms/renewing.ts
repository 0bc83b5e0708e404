/**
 * Creates a question whether the turn of a schedule is still this manager's, for work in many small steps: the database is asked when the
 * last answer is older than `everyMs`.
 */
export function renewing(isOurs: () => Promise<boolean>, everyMs: number): () => Promise<boolean> {
  let askedAt = performance.now();
  let isStill = true;
  return async () => {
    if (isStill && performance.now() - askedAt >= everyMs) {
      isStill = await isOurs();
      askedAt = performance.now();
    }
    return isStill;
  };
}
