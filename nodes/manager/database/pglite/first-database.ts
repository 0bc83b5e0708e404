import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

/** The folder of an empty database, as the build packed it (nodes/make-first-database.mjs). */
const ARCHIVE = join(__dirname, 'first-database.tar.br');
/** The unit of tar archives, bytes: an entry is a header of one block, then its content in whole blocks. */
const BLOCK = 512;
const FOLDER = '5';
/** How much is held at once, bytes: a large block of memory that is given back makes the C library keep the next ones. */
const PIECE = 64 * 1024;

interface Entry {
  name: string;
  isFolder: boolean;
  /** Of its content, bytes. */
  size: number;
}

/** Resolves with so many of the next bytes, or with null when there are not so many any more. */
type Read = (bytes: number) => Promise<Buffer | null>;

/** Whether this build has an empty database; one that was not built completely does not. */
export function hasFirstDatabase(): boolean {
  return existsSync(ARCHIVE);
}

/** Puts the data of an empty database into a folder that is not there yet, for its owner alone. Rejects if the disk does not take it. */
export async function unpackFirstDatabase(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await pipeline(createReadStream(ARCHIVE), createBrotliDecompress(), (chunks: AsyncIterable<Buffer>) =>
    unpack(readerOf(chunks), folder),
  );
}

async function unpack(read: Read, folder: string): Promise<void> {
  for (let header = await read(BLOCK); header !== null; header = await read(BLOCK)) {
    // Blocks of zeros fill the end of an archive.
    if (header[0] === 0) continue;
    const { name, isFolder, size } = entryOf(header);
    const path = join(folder, name);
    if (isFolder) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      continue;
    }
    await writeContent(path, size, read);
    await read((BLOCK - (size % BLOCK)) % BLOCK);
  }
}

async function writeContent(path: string, size: number, read: Read): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for (let done = 0; done < size; done += PIECE) {
      const piece = await read(Math.min(PIECE, size - done));
      if (piece === null) throw new Error(`${ARCHIVE} is not complete`);
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
}

function entryOf(header: Buffer): Entry {
  const field = (from: number, to: number) => header.toString('latin1', from, to).replace(/\0.*/s, '');
  return {
    name: field(0, 100),
    size: Number.parseInt(field(124, 136), 8),
    isFolder: field(156, 157) === FOLDER,
  };
}

function readerOf(chunks: AsyncIterable<Buffer>): Read {
  const source = chunks[Symbol.asyncIterator]();
  let held: Buffer[] = [];
  let bytes = 0;
  return async (wanted) => {
    while (bytes < wanted) {
      const { done, value } = await source.next();
      if (done) return null;
      held.push(value);
      bytes += value.length;
    }
    const all = held.length === 1 ? held[0]! : Buffer.concat(held);
    held = [all.subarray(wanted)];
    bytes -= wanted;
    return all.subarray(0, wanted);
  };
}
