import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

/** One script for the forms of all nodes, in resources/, which Node-RED serves. It is loaded by tpe-server.html. */
export default {
  root: folder,
  build: {
    outDir: join(folder, '../../../resources'),
    emptyOutDir: false,
    lib: {
      entry: join(folder, 'index.ts'),
      name: 'tpedm',
      formats: ['iife'],
      fileName: () => 'tpedm-editor.js',
    },
  },
};
