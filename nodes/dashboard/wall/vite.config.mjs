import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

/** The script of the wall page, with its styles and texts, in resources/. Our login serves it beside the dashboard. */
export default {
  root: folder,
  build: {
    outDir: join(folder, '../../../resources'),
    emptyOutDir: false,
    lib: {
      entry: join(folder, 'browser/wall.ts'),
      name: 'tpedmWall',
      formats: ['iife'],
      fileName: () => 'tpedm-wall.js',
    },
  },
};
