import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Where the build puts them. */
const FOLDER = join(__dirname, 'docs');

/** One file of the page, compressed with gzip. */
export interface DocsFile {
  bytes: Buffer;
  type: string;
}

export interface DocsFiles {
  page: DocsFile;
  /** Of all of them: another one where any is another. */
  version: string;
  /** What the page loads, by name, below a folder that is called as the version. */
  loaded: ReadonlyMap<string, DocsFile>;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
/** The viewer's own are large, and compressed by the build. */
const LOADED = [
  { name: 'swagger-ui-bundle.js', file: 'swagger-ui-bundle.js.gz', type: SCRIPT },
  { name: 'swagger-ui.css', file: 'swagger-ui.css.gz', type: STYLE },
  { name: 'docs.js', file: 'docs.js', type: SCRIPT },
  { name: 'docs.css', file: 'docs.css', type: STYLE },
];

let read: Promise<DocsFiles> | undefined;

/**
 * The files of the page that shows the REST calls: half a megabyte, read when first asked for and then kept, so that a download that
 * stalls holds no copy and no open file. Rejects where they are not there.
 */
export function docsFiles(): Promise<DocsFiles> {
  read ??= readFiles().catch((error: unknown) => {
    read = undefined;
    throw error;
  });
  return read;
}

async function readFiles(): Promise<DocsFiles> {
  const loaded = await Promise.all(
    LOADED.map(async ({ name, file, type }): Promise<[string, DocsFile]> => {
      const bytes = await readFile(join(FOLDER, file));
      return [name, { bytes: file.endsWith('.gz') ? bytes : await compressed(bytes), type }];
    }),
  );
  const page = await readFile(join(FOLDER, 'index.html'), 'utf8');
  const hash = createHash('sha256').update(page);
  for (const [, { bytes }] of loaded) hash.update(bytes);
  const version = hash.digest('hex').slice(0, 16);
  const text = page.replaceAll('__VERSION__', version);
  return {
    page: { bytes: await compressed(Buffer.from(text)), type: 'text/html; charset=utf-8' },
    version,
    loaded: new Map(loaded),
  };
}

const compressed = promisify<Buffer, Buffer>(gzip);
