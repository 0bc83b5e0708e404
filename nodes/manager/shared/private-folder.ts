import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

const OTHERS = 0o077;
const SET_GROUP = 0o2000;
/** Who has so many files in it gets a start that does not wait for all of them. */
const MAX_LOOK_MS = 10_000;

/**
 * Makes the folder where it is missing, and closes it and everything in it to all but its owner. Links are not followed,
 * and what belongs to somebody else is left alone. The folder itself comes first: behind it nobody can reach the rest.
 * Returns what its owner should know and do, in a sentence; null where all is private, and on Windows, where rights are
 * not in these bits. Throws as `mkdirSync` does.
 */
export function makePrivate(folder: string): string | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const me = process.getuid?.();
  if (me === undefined) return null;
  const left: string[] = [];
  const close = (path: string, stats: Stats) => {
    if ((stats.mode & OTHERS) === 0) return;
    if (stats.uid !== me || !isClosed(path, stats)) left.push(path);
  };
  const top = statSync(folder);
  if (!isVolumeOfPod(top, me)) close(folder, top);
  const isComplete = eachWithin(folder, close);
  if (left.length === 0 && isComplete) return null;
  return warning(folder, left, isComplete);
}

/** Calls with every file and folder below; false when there was no time for all. */
function eachWithin(folder: string, visit: (path: string, stats: Stats) => void): boolean {
  const end = Date.now() + MAX_LOOK_MS;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const name of namesIn(next)) {
      if (Date.now() > end) return false;
      const path = join(next, name);
      const stats = statsOf(path);
      if (stats?.isDirectory()) folders.push(path);
      if (stats?.isDirectory() || stats?.isFile()) visit(path, stats);
    }
  }
  return true;
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // In a folder of somebody else, that was noted when it was come by.
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Gone meanwhile, or of somebody else: that was noted when it was come by.
    return [];
  }
}

function isClosed(path: string, { mode }: Stats): boolean {
  try {
    chmodSync(path, mode & 0o7777 & ~OTHERS);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/**
 * Kubernetes gives a volume to a pod by its group, and keeps it root's own: only root could close it, and who else sees it
 * is said where the pod is described. What is in it is ours.
 */
function isVolumeOfPod({ uid, gid, mode }: Stats, me: number): boolean {
  return uid === 0 && me !== 0 && gid === process.getgid?.() && (mode & SET_GROUP) !== 0;
}

function warning(folder: string, [first, ...others]: string[], isComplete: boolean): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const what = first === undefined ? '' : `: ${first}${more} cannot be closed to them by this user`;
  const rest = isComplete ? '' : `, and not all of it could be looked at in ${MAX_LOOK_MS / 1000} s`;
  return `Other users of this machine may be able to read what is in ${folder}${what}${rest}. As its owner, or as root, run: chmod -R go= ${JSON.stringify(folder)}`;
}
