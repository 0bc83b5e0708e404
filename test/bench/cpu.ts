import { readFileSync } from 'node:fs';

/** Of a clock tick in /proc, ms: Linux tells programs of 100 in a second, whatever its own clock does. */
const TICK_MS = 10;

/** The time that a process has had on all cores so far, ms; NaN where there is no /proc. */
export function cpuOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may have spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return Number.NaN;
  }
}
