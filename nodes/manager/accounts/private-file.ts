import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Reads a file as text; null if there is none. Throws as `readFileSync` does. */
export function readPrivateFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Replaces the file as a whole, readable by its owner only: after a crash, it has the old or the new content and never a part, even when
 * several processes write it. Synchronous, because the settings of Node-RED cannot wait; meant for small files that rarely change.
 */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    writeDraft(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function writeDraft(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    // writeSync would write only a part when the disk is nearly full, and report no error.
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
