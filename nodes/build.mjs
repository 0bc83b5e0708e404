// Builds everything again: dist/ from the TypeScript, the files beside it that Node-RED, the database and the dashboard read as they are,
// and the scripts for browsers in resources/.
import { buildForBrowsers, compile, copyAssets, removeBuilt } from './build-steps.mjs';

removeBuilt();
compile();
copyAssets();
await buildForBrowsers();
