import { existsSync, openSync, readSync } from 'node:fs';

const STATISTICS = '/proc/self/schedstat';
const HAS_STATISTICS = existsSync(STATISTICS);
const buffer = Buffer.alloc(100);
let file: number | undefined;

/**
 * What the main thread has computed, ms; where no kernel tells that, all of the process, workers and collectors of memory
 * too. What the machine spends on others is not in it, so that a busy one says the same.
 */
export function threadMs(): number {
  if (!HAS_STATISTICS) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
  file ??= openSync(STATISTICS, 'r');
  const length = readSync(file, buffer, 0, buffer.length, 0);
  return Number.parseInt(buffer.toString('latin1', 0, length), 10) / 1e6;
}

/** What the main thread computes for a work, ms. */
export function costOf(work: () => unknown): number {
  const begun = threadMs();
  work();
  return threadMs() - begun;
}
