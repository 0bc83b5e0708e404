import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, TpeError } from '../tpe-error.js';
import { readOperationsFile } from './operations-file.js';
import { checkOwnSchemas } from './own-operation.js';
import type { Read, Reading } from './read-in-worker.js';

/** Runs in a thread of its own. */
function read(reading: Reading): Read {
  try {
    if ('text' in reading) return { content: readOperationsFile(reading.text) };
    checkOwnSchemas(reading.operation);
    return { content: null };
  } catch (error) {
    if (error instanceof TpeError) return { refusal: error.message };
    return { refusal: `The file cannot be read: ${messageOf(error)}. Nothing was imported.` };
  }
}

parentPort?.postMessage(read(workerData as Reading));
