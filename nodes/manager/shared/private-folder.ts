import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

const OTHERS = 0o077;
const SET_GROUP = 0o2000;
/** How long the folder may be looked through, ms. The start does not wait for more files. */
const MAX_LOOK_MS = 10_000;

/**
 * Creates the folder if it is missing, and takes all rights on it and everything in it from other users. Does not follow links, and leaves
 * files of other users alone. The folder itself comes first, because then nobody can reach the rest.
 *
 * Returns a sentence on what its owner should know and do; null if all is private, and on Windows, where these bits hold no rights. Throws
 * as `mkdirSync` does.
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

/** Calls `visit` with every file and folder below; false if there was not enough time. */
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
    // It is in a folder of another user, which is in the warning already.
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The folder is gone, or belongs to another user and is in the warning already.
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
 * Whether a folder is a volume of Kubernetes, which belongs to root and is given to the pod by its group. Only root could take rights from
 * others, and the pod's description says who else gets the volume. The files in it are ours.
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
