import { LARGEST_FILE, LARGEST_UPLOAD } from '../../api/upload-sizes.js';
import type { Reason } from '../../manager/shared/reason.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import type { DashboardSocket } from './caller.js';
import { loadReason } from './load-reasons.js';

/** Most characters that one person may have in incomplete uploads: one file in each of two pages. */
const MAX_OF_PERSON = 2 * LARGEST_UPLOAD;
/** Longest pause between two parts. It leaves enough time for a slow connection. */
const MAX_PAUSE_MS = 60_000;

/** Texts that browsers send in parts, kept until the call that they belong to arrives. */
export interface Uploads {
  /**
   * Keeps a part. Throws INVALID_INPUT if the text becomes too large, and BUSY if the person has too much in progress; both drop the whole
   * text.
   */
  add(socket: DashboardSocket, number: number, person: string, part: string): void;
  /** Returns the whole text and forgets it. Throws INVALID_INPUT if parts are missing. */
  take(socket: DashboardSocket, number: number, parts: number): string;
}

interface Upload {
  person: string;
  parts: string[];
  length: number;
  timer: NodeJS.Timeout;
}

/** Creates an empty store. It drops an incomplete upload when the connection ends, or when `pauseMs` pass without a part. */
export function createUploads(pauseMs = MAX_PAUSE_MS): Uploads {
  const uploads = new Map<string, Upload>();
  const lengths = new Map<string, number>();
  const followed = new WeakSet<DashboardSocket>();

  const count = (person: string, length: number) => {
    const now = (lengths.get(person) ?? 0) + length;
    if (now > 0) lengths.set(person, now);
    else lengths.delete(person);
  };

  const end = (key: string): Upload | undefined => {
    const upload = uploads.get(key);
    if (upload === undefined) return undefined;
    clearTimeout(upload.timer);
    uploads.delete(key);
    count(upload.person, -upload.length);
    return upload;
  };

  const begin = (key: string, person: string): Upload => {
    const upload = { person, parts: [], length: 0, timer: setTimeout(() => end(key), pauseMs).unref() };
    uploads.set(key, upload);
    return upload;
  };

  const followEnd = (socket: DashboardSocket) => {
    if (followed.has(socket)) return;
    followed.add(socket);
    // Not `disconnect`, whose listeners the dashboard removes when flows are deployed.
    socket.once?.('disconnecting', () => {
      for (const key of [...uploads.keys()]) if (key.startsWith(`${socket.id} `)) end(key);
    });
  };

  return {
    add(socket, number, person, part) {
      const key = keyOf(socket, number);
      const upload = uploads.get(key) ?? begin(key, person);
      followEnd(socket);
      const isTooLarge = upload.length + part.length > LARGEST_UPLOAD;
      if (isTooLarge || (lengths.get(upload.person) ?? 0) + part.length > MAX_OF_PERSON) {
        end(key);
        if (isTooLarge) throw invalid(loadReason('upload-too-large', { size: LARGEST_FILE / 1e6 }));
        throw new TpeError('BUSY', loadReason('too-many-uploads'));
      }
      upload.parts.push(part);
      upload.length += part.length;
      count(upload.person, part.length);
      upload.timer.refresh();
    },
    take(socket, number, parts) {
      const upload = end(keyOf(socket, number));
      if (upload?.parts.length === parts) return upload.parts.join('');
      throw invalid(loadReason('upload-incomplete'));
    },
  };
}

function keyOf({ id }: DashboardSocket, number: number): string {
  return `${id} ${number}`;
}

function invalid(why: Reason): TpeError {
  return new TpeError('INVALID_INPUT', why);
}
