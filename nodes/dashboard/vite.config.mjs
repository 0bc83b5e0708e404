import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';

const folder = dirname(fileURLToPath(import.meta.url));
const BUNDLE = 'tpedm-widgets.umd.js';

/** The dashboard loads a script for each widget but no stylesheet, so the script adds the styles to the page. */
const stylesInScript = {
  name: 'styles-in-script',
  // Must run after Vite's own step, which writes the stylesheet.
  enforce: 'post',
  generateBundle(_options, bundle) {
    const sheets = Object.values(bundle).filter(({ fileName }) => fileName.endsWith('.css'));
    for (const { fileName } of sheets) delete bundle[fileName];
    const styles = JSON.stringify(sheets.map(({ source }) => source).join('\n'));
    bundle[BUNDLE].code = `document.head.appendChild(document.createElement('style')).textContent = ${styles};
${bundle[BUNDLE].code}`;
  },
};

/** Builds one script for all widgets in resources/, which Node-RED serves. The widgets use the Vue and Vuetify of the dashboard. */
export default {
  root: folder,
  plugins: [vue(), stylesInScript],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: join(folder, '../../resources'),
    emptyOutDir: false,
    lib: {
      entry: join(folder, 'widgets.ts'),
      name: 'tpedm-widgets',
      formats: ['umd'],
      fileName: () => BUNDLE,
    },
    rollupOptions: { external: ['vue'], output: { globals: { vue: 'Vue' } } },
  },
};
