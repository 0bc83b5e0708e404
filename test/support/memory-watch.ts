import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 100;

/** What a process holds in memory, MB. */
export function memoryOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** Watches the memory of a process; the returned function ends that, and gives the most that was seen, MB. */
export function watchMemory(pid: number): () => number {
  let most = memoryOf(pid);
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(pid));
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    return Math.max(most, memoryOf(pid));
  };
}
