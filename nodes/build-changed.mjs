// Builds what changed since the last build, without a look at types: what `npm run test:one` and `npm run test:quick` begin with.
import { buildChanged, buildForBrowsers, staleBrowserScripts } from './build-steps.mjs';

const changed = buildChanged();
const scripts = staleBrowserScripts();
if (scripts.length > 0) await buildForBrowsers(scripts);
const made = changed.length + scripts.length;
if (made > 0) console.log(`Built anew: ${made} ${made === 1 ? 'file' : 'files'}`);
