/**
 * How much longer than usual tests wait: `TPE_TEST_PATIENCE=3 npm test` on a machine that has other work to do. It
 * scales limits alone: a test waits for an event, so patience costs nothing where the event comes.
 */
export const PATIENCE = readPatience(process.env.TPE_TEST_PATIENCE);

/** A limit of patience in ms, scaled for the machine. */
export function patience(ms: number): number {
  return ms * PATIENCE;
}

function readPatience(text: string | undefined): number {
  if (!text) return 1;
  const times = Number(text);
  if (times >= 1 && times <= 100) return times;
  throw new Error(`TPE_TEST_PATIENCE must be a number from 1 to 100, not "${text}".`);
}
