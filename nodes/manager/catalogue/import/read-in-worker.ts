import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { within } from '../../shared/timeout.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { createTurns } from '../../shared/turns.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Operation } from '../operation.js';
import type { FileEntry } from './file-entry.js';
import type { FileContent } from './operations-file.js';

/** What the thread is to do: to read a file, or to look whether the schemas of an operation can be used. */
export type Reading = { text: string; prefix?: string } | { operation: Operation };
/** The entries of a file, some in each text. */
export type ContentTexts = Omit<FileContent, 'entries'> & { texts: string[] };
/** What the thread says; null: the schemas can be used. */
export type Read = { content: ContentTexts | null } | { refusal: string };

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_MEMORY_MB = 512;
const MAX_MS = 30_000;
/** A thread takes a processor and much memory: all have one, and few wait for it. */
const TURNS = createTurns({ atOnce: 1, atOnceEach: 1, waitingEach: 10 });

/**
 * Reads a file of operations as readOperationsFile does, in a thread of its own: a large file takes seconds and a bad one
 * all that there is, and nothing else may wait for either. Rejects with INVALID_INPUT for a file that cannot be read, is
 * too large, or takes too much time or memory, and with BUSY where others wait already.
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

/** As checkOwnSchemas, in a thread of its own. Rejects with INVALID_INPUT, and BUSY. */
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
