import { existsSync, readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 100;

/** Whether this system tells what processes hold in memory. */
export function canReadMemory(): boolean {
  return existsSync('/proc/self/status');
}

/** What a process holds in memory, MB. */
export function memoryOf(pid: number): number {
  return readStatus(pid, 'VmRSS');
}

/** The most that a process ever held in memory, MB. */
export function peakMemoryOf(pid: number): number {
  return readStatus(pid, 'VmHWM');
}

function readStatus(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
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
