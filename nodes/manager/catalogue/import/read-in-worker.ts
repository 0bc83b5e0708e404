import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { within } from '../../shared/timeout.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { createTurns } from '../../shared/turns.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Operation } from '../operation.js';
import type { FileEntry } from './file-entry.js';
import type { FileContent } from './operations-file.js';

/** The work for the thread: to read a file, or to check whether the schemas of an operation can be used. */
export type Reading = { text: string; prefix?: string } | { operation: Operation };
/** The content of a file, with its entries as JSON texts of several entries each. */
export type ContentTexts = Omit<FileContent, 'entries'> & { texts: string[] };
/** The result of the thread; content null: the schemas can be used. */
export type Read = { content: ContentTexts | null } | { refusal: string };

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_MEMORY_MB = 512;
const MAX_MS = 30_000;
/** A thread needs a processor and much memory, so only one runs at a time, and only a few requests may wait. */
const TURNS = createTurns({ atOnce: 1, atOnceEach: 1, waitingEach: 10 });

/**
 * Reads a file of operations as readOperationsFile does, but in a thread of its own. A large file takes seconds, and a malicious
 * one all time and memory that it gets; neither may block the process. Rejects with INVALID_INPUT for a file that cannot be read,
 * is too large, or takes too much time or memory, and with BUSY when too many others wait.
 */
export async function readInWorker(text: string, prefix?: string): Promise<FileContent> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    throw unreadable(`has ${bytes} bytes, and ${MAX_BYTES / 1024 / 1024} MB are the most: split it`);
  }
  const content = await inWorker(prefix === undefined ? { text } : { text, prefix });
  if (content === null) throw unreadable('could not be read');
  const entries: FileEntry[] = [];
  const { texts, ...rest } = content;
  for (const text of texts) {
    await yieldToEventLoop();
    entries.push(...(JSON.parse(text) as FileEntry[]));
  }
  return { ...rest, entries };
}

/** Does what checkOwnSchemas does, but in a thread of its own. Rejects with INVALID_INPUT, and with BUSY when too many wait. */
export async function checkInWorker(operation: Operation): Promise<void> {
  await inWorker({ operation });
}

function inWorker(reading: Reading): Promise<ContentTexts | null> {
  return TURNS.run('reading', () => workerReading(reading));
}

async function workerReading(reading: Reading): Promise<ContentTexts | null> {
  const worker = new Worker(join(__dirname, 'reading-worker.js'), {
    workerData: reading,
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
  });
  try {
    const read = await within(MAX_MS, outcomeOf(worker), () => {
      throw unreadable(`takes more than ${MAX_MS / 1000} s to read`);
    });
    if ('content' in read) return read.content;
    throw new TpeError('INVALID_INPUT', read.refusal, 'text' in reading ? { field: 'file' } : {});
  } finally {
    await worker.terminate();
  }
}

function outcomeOf(worker: Worker): Promise<Read> {
  return new Promise((resolve, reject) => {
    worker.once('message', (read: Read) => resolve(read));
    worker.once('error', (error) => reject(unreadable(faultOf(error))));
    worker.once('exit', () => reject(unreadable('could not be read to its end')));
  });
}

function faultOf(error: Error & { code?: unknown }): string {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return 'needs too much memory: split it, or bring it as JSON';
  return `cannot be read: ${messageOf(error)}`;
}

function unreadable(what: string): TpeError {
  return new TpeError('INVALID_INPUT', `The file ${what}. Nothing was imported.`, { field: 'file' });
}
