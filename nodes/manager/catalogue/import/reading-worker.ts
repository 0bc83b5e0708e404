import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { checkOwnSchemas } from '../custom-operation.js';
import { type FileContent, readOperationsFile } from './operations-file.js';
import type { ContentTexts, Read, Reading } from './read-in-worker.js';

/** How many characters of entries the receiver parses at a time. */
const PART = 64 * 1024;

/** Does the work of this worker thread. It never throws: a refusal in words can be sent back, an error would lose its code. */
function read(reading: Reading): Read {
  try {
    if ('text' in reading) return { content: textsOf(readOperationsFile(reading.text, reading.prefix)) };
    checkOwnSchemas(reading.operation);
    return { content: null };
  } catch (error) {
    if (error instanceof TpeError) return { refusal: error.message };
    return { refusal: `The file cannot be read: ${messageOf(error)}. Nothing was imported.` };
  }
}

/** Writes the entries as JSON texts. A thread must read a message in one go, and a text is the fastest to read. */
function textsOf({ entries, ...content }: FileContent): ContentTexts {
  const texts: string[] = [];
  let part: string[] = [];
  let length = 0;
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    part.push(text);
    length += text.length;
    if (length < PART) continue;
    texts.push(`[${part.join()}]`);
    part = [];
    length = 0;
  }
  return { ...content, texts: [...texts, `[${part.join()}]`] };
}

parentPort?.postMessage(read(workerData as Reading));
