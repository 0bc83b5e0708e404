import { join } from 'node:path';
import { PROJECT_ROOT } from './node-red-process.js';

/** For the environment of a Node-RED: upgrades of virtual gateways run so many times faster than real ones; 20 for people. */
export function hurried(times: number): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--require ${join(PROJECT_ROOT, 'dist/test/support/hurry.js')}`,
    HURRY_TIMES: String(times),
  };
}
