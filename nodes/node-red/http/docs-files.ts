import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressed, keptFiles, type PageFile, type PageFiles } from './page-file.js';

/** Folder that the build puts the files into. */
const FOLDER = join(__dirname, 'docs');

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
/** The viewer's own files are large, so the build compresses them. */
const LOADED = [
  { name: 'swagger-ui-bundle.js', file: 'swagger-ui-bundle.js.gz', type: SCRIPT },
  { name: 'swagger-ui.css', file: 'swagger-ui.css.gz', type: STYLE },
  { name: 'docs.js', file: 'docs.js', type: SCRIPT },
  { name: 'docs.css', file: 'docs.css', type: STYLE },
];

/**
 * Returns the files of the page that shows the REST calls. They have half a megabyte; they are kept, so that a download that
 * stalls holds neither a copy nor an open file. Rejects when a file is missing.
 */
export const docsFiles = keptFiles(readFiles);

async function readFiles(): Promise<PageFiles> {
  const loaded = await Promise.all(
    LOADED.map(async ({ name, file, type }): Promise<[string, PageFile]> => {
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
