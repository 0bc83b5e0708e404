import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { checkOwnSchemas } from '../custom-operation.js';
import { type FileContent, readOperationsFile } from './operations-file.js';
import type { ContentTexts, Read, Reading } from './read-in-worker.js';

/** Characters of entries that are read together on the other side. */
const PART = 64 * 1024;

/** Runs in a thread of its own. */
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

/** As texts, since the other side has to take a message at once, and texts cost it least. */
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
