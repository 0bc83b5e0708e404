import { join } from 'node:path';
import { PROJECT_ROOT } from '../support/node-red-process.js';

// The project's settings, but with nothing in front of Node-RED's own parsers and routes, as in a Node-RED of one's own.
const settings = require(join(PROJECT_ROOT, 'settings.js')) as object;

export = { ...settings, httpAdminMiddleware: undefined };
