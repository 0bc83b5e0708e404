import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, TpeError } from '../tpe-error.js';
import { readOperationsFile } from './operations-file.js';
import type { Reading } from './read-in-worker.js';

/** Runs in a thread of its own. */
function read(text: string): Reading {
  try {
    return { content: readOperationsFile(text) };
  } catch (error) {
    if (error instanceof TpeError) return { refusal: error.message };
    return { refusal: `The file cannot be read: ${messageOf(error)}. Nothing was imported.` };
  }
}

parentPort?.postMessage(read(String(workerData)));
