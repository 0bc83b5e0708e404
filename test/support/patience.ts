/**
 * How much longer than usual tests wait: `TPE_TEST_PATIENCE=3 npm test` on a machine that is slower still than one
 * whose cores are half busy. It scales limits alone: a test waits for an event, so patience costs nothing where the
 * event comes.
 */
export const PATIENCE = readPatience(process.env.TPE_TEST_PATIENCE);

/** A limit of patience in ms, scaled for the machine: what happens in time here happens anywhere. */
export function patience(ms: number): number {
  return ms * PATIENCE;
}

/** The same in seconds, as REST paths take it: `?wait=60`. */
export function patienceSeconds(seconds: number): number {
  return Math.ceil(patience(seconds));
}

/** A limit in ms that a test wants to see run out: nobody waits for it any longer on a slow machine. */
export function runsOut(ms: number): number {
  return ms;
}

function readPatience(text: string | undefined): number {
  if (!text) return 1;
  const times = Number(text);
  if (times >= 1 && times <= 100) return times;
  throw new Error(`TPE_TEST_PATIENCE must be a number from 1 to 100, not "${text}".`);
}
