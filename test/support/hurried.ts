import { join } from 'node:path';
import { PROJECT_ROOT } from './node-red-process.js';

/**
 * For the environment of a Node-RED: upgrades of virtual gateways run so many times faster than real ones; 20 for people. `wellMs`: after so
 * long online a gateway that has restarted is well, in place of minutes.
 */
export function hurried(times: number, wellMs?: number): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--require ${join(PROJECT_ROOT, 'dist/test/support/hurry.js')}`,
    HURRY_TIMES: String(times),
    ...(wellMs !== undefined && { HURRY_WELL_MS: String(wellMs) }),
  };
}
