import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compareVersions, validate } from 'compare-versions';

/** The lowest version of Dashboard 2 that tells a widget which browser sent a message. Must be the version in `peerDependencies`. */
export const LEAST_DASHBOARD = '1.27.0';

const LOADED = /[\\/]@flowfuse[\\/]node-red-dashboard[\\/]nodes[\\/]config[\\/]ui_base\.js$/;

/** The version of the Dashboard 2 that this Node-RED has loaded, wherever it is installed; null if it is unknown. */
export function loadedDashboard(): string | null {
  const file = Object.keys(require.cache).find((name) => LOADED.test(name));
  if (file === undefined) return null;
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(dirname(file), '../../package.json'), 'utf8'));
    const { version } = manifest as { version?: unknown };
    return typeof version === 'string' && validate(version) ? version : null;
  } catch {
    return null;
  }
}

/**
 * Whether the version is too old for the widgets. False for an unknown version, because then the first message without a socket reveals an
 * old dashboard.
 */
export function isTooOld(version: string | null): boolean {
  return version !== null && compareVersions(version, LEAST_DASHBOARD) < 0;
}
