import { statfsSync } from 'node:fs';
import { TpeError } from '../../shared/tpe-error.js';
import { databaseReason } from '../database-reasons.js';

/** More bytes than one of our statements can write. */
const LEAST_BYTES = 64 * 1024 * 1024;

/**
 * PGlite does not survive a full disk: it loops for ever, and blocks the whole process. The returned function prevents that: while less
 * than `leastBytes` are free, it throws UNAVAILABLE for each statement that does not begin with `select`.
 */
export function createSpaceGuard(folder: string, leastBytes = LEAST_BYTES): (sql: string) => void {
  return (sql) => {
    if (/^\s*select\b/i.test(sql)) return;
    const free = freeBytes(folder);
    if (free >= leastBytes) return;
    const inMegabytes = { free: toMegabytes(free), least: toMegabytes(leastBytes) };
    throw new TpeError('UNAVAILABLE', databaseReason('embedded-disk-full', { folder, ...inMegabytes }), {
      folder,
      free,
    });
  };
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // The folder is gone; the statement itself will report that.
    return Number.POSITIVE_INFINITY;
  }
}

function toMegabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
