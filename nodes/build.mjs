// Builds all anew: dist/ from the TypeScript, beside it the files that Node-RED, the database and the dashboard read as they are,
// and the scripts for browsers in resources/.
import { buildForBrowsers, compile, copyAssets, removeBuilt } from './build-steps.mjs';

removeBuilt();
compile();
copyAssets();
await buildForBrowsers();
