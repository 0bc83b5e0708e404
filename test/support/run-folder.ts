import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where PostgreSQL's data is within the folder, for the watchdog to find its process. */
export const POSTGRES_DATA = 'postgres/data';

// Its standard input is a pipe that ends with this process, by whatever death.
const WATCHDOG = `
  cat
  server=$(head -n 1 "$0/${POSTGRES_DATA}/postmaster.pid" 2>/dev/null) && kill -QUIT "$server" 2>/dev/null
  while [ -e "$0" ] && ! rm -rf "$0" 2>/dev/null; do sleep 0.1; done`;

let folder: string | undefined;

/** A folder for this test run that is gone soon after it, also when the run is killed. */
export function runFolder(): string {
  folder ??= makeRunFolder();
  return folder;
}

function makeRunFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tpedm-run-'));
  // PostgreSQL may run as another user.
  chmodSync(path, 0o755);
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Not of our process group, whose end a terminal's Ctrl-C is.
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as NodeJS.WritableStream & { unref?(): void }).unref?.();
  return path;
}
