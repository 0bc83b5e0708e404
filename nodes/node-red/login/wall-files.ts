import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressed, type PageFiles } from '../http/page-file.js';

/** The script of the page, which the build makes with its styles and texts in it; from the compiled file. */
const SCRIPT = join(__dirname, '../../../../resources/tpedm-wall.js');

const page = (version: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Wall</title>
<link rel="icon" href="data:,">
<script defer src="${version}/wall.js" data-version="${version}"></script>
</head>
<body></body>
</html>
`;

let read: Promise<PageFiles> | undefined;

/**
 * Returns the files of the wall page, some kB, which are read at the first call and then kept. Rejects when the script is missing; the next
 * call tries again.
 */
export function wallFiles(): Promise<PageFiles> {
  read ??= readFiles().catch((error: unknown) => {
    read = undefined;
    throw error;
  });
  return read;
}

async function readFiles(): Promise<PageFiles> {
  const script = await readFile(SCRIPT);
  const version = createHash('sha256').update(page('')).update(script).digest('hex').slice(0, 16);
  return {
    page: { bytes: await compressed(page(version)), type: 'text/html; charset=utf-8' },
    loaded: new Map([
      ['wall.js', { bytes: await compressed(script), type: 'text/javascript; charset=utf-8' }],
    ]),
    version,
  };
}
