// `node nodes/make-first-database.mjs FILE`: makes an empty database, and packs its folder into the file. Each embedded database begins
// as a copy of it, because making one takes 800 MB of memory and seconds. The builds run this in a process of its own, since PGlite does
// not give that memory back.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

const BLOCK = 512;
/** The largest distance at which a repetition is found, as a power of two: who unpacks needs so much memory. */
const WINDOW = 22;

/**
 * Sorts the entries of a tar archive by the names of their files. The system's tables are there three times, once for each database in
 * the folder, and are stored once where they follow each other. Folders stay in front, in their order.
 */
function sorted(archive) {
  const folders = [];
  const files = [];
  for (let at = 0; archive[at] !== 0; ) {
    const field = (from, to) => archive.toString('latin1', at + from, at + to).replace(/\0.*/s, '');
    const isFolder = field(156, 157) === '5';
    const size = isFolder ? 0 : Number.parseInt(field(124, 136), 8);
    const end = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    (isFolder ? folders : files).push({ name: basename(field(0, 100)), bytes: archive.subarray(at, end) });
    at = end;
  }
  files.sort((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
  return Buffer.concat([...folders, ...files].map(({ bytes }) => bytes).concat(Buffer.alloc(2 * BLOCK)));
}

const file = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'tpedm-first-database-'));
try {
  // The folder is packed after a clean end, so that nobody who begins with it has to recover it.
  await (await PGlite.create({ fs: new NodeFS(folder) })).close();
  const closed = await PGlite.create({ fs: new NodeFS(folder), noInitDb: true });
  const archive = sorted(Buffer.from(await (await closed.dumpDataDir('none')).arrayBuffer()));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_LGWIN]: WINDOW,
    [constants.BROTLI_PARAM_SIZE_HINT]: archive.length,
  };
  writeFileSync(`${file}.new`, brotliCompressSync(archive, { params }));
  renameSync(`${file}.new`, file);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
