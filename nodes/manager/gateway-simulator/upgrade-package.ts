import type { GatewayIdentity } from './identity.js';

/** The versions that a package installs; null for one that it leaves as it is. */
export interface Versions {
  tpeVersion: string | null;
  firmwareVersion: string | null;
}

/** The name of the file that a URL points to, without the query. */
export function fileNameOf(url: string): string {
  return url.split(/[?#]/)[0]?.split('/').at(-1) ?? url;
}

/**
 * Reads the versions that a package installs from the name of its file, such as
 * `Upgrade_AIG-301_2.6.0-4499_IMG_1.7.0_to_1.8.0.yaml`, `package_2.3.0-3571-tpe_armhf.yaml`, or `aig-302_1.2.0-20250906.tar`,
 * where the build is a date.
 */
export function versionsIn(url: string, { api }: Pick<GatewayIdentity, 'api'>): Versions {
  const name = fileNameOf(url);
  if (api === 'aig-302') {
    return { tpeVersion: /_(\d+(?:\.\d+)+)/.exec(name)?.[1] ?? null, firmwareVersion: null };
  }
  return {
    tpeVersion: /_(\d+\.\d+\.\d+-\d{1,5})(?!\d)/.exec(name)?.[1] ?? null,
    firmwareVersion: /_to_(\d+(?:\.\d+)*)/.exec(name)?.[1] ?? null,
  };
}

/** Why a gateway of this model and firmware cannot install the package, in the words of a gateway; null if it can. */
export function misfit(
  url: string,
  { modelName }: Pick<GatewayIdentity, 'modelName'>,
  firmwareVersion: string,
): string | null {
  const name = fileNameOf(url);
  const model = /(?:^|_)(AIG-\d+)_/i.exec(name)?.[1]?.toUpperCase();
  if (model !== undefined && !modelName.startsWith(model)) return `package is for ${model}`;
  const arch = /_(armhf|amd64)\b/.exec(name)?.[1];
  const own = modelName.startsWith('AIG-501') ? 'amd64' : 'armhf';
  if (arch !== undefined && arch !== own) return `architecture ${arch} is not supported`;
  const from = /_IMG_(\d+(?:\.\d+)*)_to_/.exec(name)?.[1];
  // Each package upgrades from one minor version to the next, so the patch level does not matter.
  if (from === undefined || minorOf(from) === minorOf(firmwareVersion)) return null;
  return `firmware version must be ${from}`;
}

function minorOf(version: string): string {
  return version.replace(/^v/i, '').split('.').slice(0, 2).map(Number).join('.');
}
