import { randomBytes } from 'node:crypto';
import {
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TpeError } from '../../shared/tpe-error.js';

const FILE_NAME = 'tpedm.lock';
const HEARTBEAT_MS = 5000;
/**
 * A holder without a heartbeat for so long is dead, ms. It is several heartbeats long, because a process that is busy in a long statement
 * misses some.
 */
const SILENCE_MS = 30_000;
const WATCH_MS = 250;

/**
 * The process that holds a folder. The system gives a pid to other processes later, above all in containers, so the start and the machine
 * are noted too.
 */
interface Holder {
  pid: number;
  /** Clock ticks from the machine's start to that of the process; empty where the system does not tell. */
  started: string;
  host: string;
  /** Id of the machine's current run, which changes with each start. */
  boot: string;
  /** Id of the namespace in which the pid counts. */
  namespace: string;
}

/**
 * Locks the folder for this process, and resolves with the function that unlocks it. The lock of a killed process is detected and taken
 * over. Rejects with CONFLICT when another process has the folder open. A holder in another container cannot be asked, so its heartbeat is
 * watched for up to `silenceMs`.
 */
export async function lockFolder(folder: string, silenceMs = SILENCE_MS): Promise<() => void> {
  const path = join(folder, FILE_NAME);
  const mine = JSON.stringify(self());
  while (!createLock(path, mine)) {
    const theirs = read(path);
    if (theirs === null) continue;
    if (await isAlive(path, theirs, silenceMs)) throw inUse(folder, theirs);
    removeLock(path, theirs);
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    if (read(path) === mine) rmSync(path, { force: true });
  };
}

function createLock(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a stale lock by moving it aside; if somebody has made a new one meanwhile, it is put back. */
function removeLock(path: string, stale: string): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  try {
    if (read(aside) !== stale) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

async function isAlive(path: string, content: string, silenceMs: number): Promise<boolean> {
  const me = self();
  const holder = parse(content);
  if (holder?.host === me.host && holder.boot !== me.boot) return false;
  if (holder !== null && holder.boot === me.boot && holder.namespace === me.namespace) {
    return isRunning(holder.pid) && startOf(holder.pid) === holder.started;
  }
  return await givesSign(path, content, silenceMs);
}

async function givesSign(path: string, content: string, silenceMs: number): Promise<boolean> {
  const before = modified(path);
  const end = Date.now() + silenceMs;
  while (Date.now() < end) {
    await delay(WATCH_MS);
    if (read(path) !== content) return false;
    if (modified(path) !== before) return true;
  }
  return false;
}

function self(): Holder {
  return {
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    boot: firstOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: firstOf(() => readlinkSync('/proc/self/ns/pid')),
  };
}

function startOf(pid: number): string {
  // The second field is the program's name in brackets, which may contain spaces.
  const fields = firstOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    .split(') ')
    .at(-1)
    ?.split(' ');
  return fields?.[19] ?? '';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The reader's result; empty where there is no /proc. */
function firstOf(reader: () => string): string {
  try {
    return reader();
  } catch {
    return '';
  }
}

function parse(content: string): Holder | null {
  try {
    const holder: unknown = JSON.parse(content);
    const isHolder =
      typeof holder === 'object' && holder !== null && 'pid' in holder && Number.isInteger(holder.pid);
    return isHolder ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function modified(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The folder is gone. The next statement reports that better than this function could.
  }
}

function inUse(folder: string, content: string): TpeError {
  const holder = parse(content);
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  const same = content === JSON.stringify(self());
  const text = `The folder ${folder} of the embedded database is in use by ${same ? 'this process already' : who}. One Node-RED at a time can have it: stop the other one, or give each its own folder (or use PostgreSQL).`;
  return new TpeError('CONFLICT', text, { folder });
}
