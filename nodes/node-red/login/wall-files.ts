import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressed, keptFiles, type PageFiles } from '../http/page-file.js';

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

/** Returns the files of the wall page, some kB. Rejects when the script is missing. */
export const wallFiles = keptFiles(readFiles);

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
