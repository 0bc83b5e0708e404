// Builds what has changed since the last build, without checking types, to save time. `npm run test:one` and `npm run test:quick` start
// with it.
import { buildChanged, buildForBrowsers, staleBrowserScripts } from './build-steps.mjs';

const changed = buildChanged();
const scripts = staleBrowserScripts();
if (scripts.length > 0) await buildForBrowsers(scripts);
const made = changed.length + scripts.length;
if (made > 0) console.log(`Built anew: ${made} ${made === 1 ? 'file' : 'files'}`);
