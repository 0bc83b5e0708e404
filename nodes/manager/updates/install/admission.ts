import type { PackageUrlRule } from '../../catalogue/package-url.js';
import { badField } from '../../shared/invalid-input.js';
import { redactText } from '../../shared/secret-text.js';
import type { TpeError } from '../../shared/tpe-error.js';
import type { SoftwarePackage } from '../software-package.js';
import { type CheckedRequest, checkRequest } from './check-request.js';
import type { GatewayStanding } from './gateway-standing.js';
import type { Installation, InstallationRequest } from './installation.js';
import type { InstallationStore, OpenInstallation } from './installation-store.js';

export interface AdmissionOptions {
  store: Pick<InstallationStore, 'insert' | 'insertRejected' | 'underWay'>;
  standing: GatewayStanding;
  /** Says from which URLs gateways may be told to load packages. */
  packageUrl: PackageUrlRule;
}

/** An installation as it was recorded: open, or rejected with its reason. */
export type Admitted = { open: OpenInstallation } | { rejected: Installation };

interface Refusal {
  code: TpeError['code'];
  reason: string;
}

/** Records an installation as open or, if it cannot be begun, as rejected. Rejects with INVALID_INPUT or UNAVAILABLE. */
export async function admit(options: AdmissionOptions, request: InstallationRequest): Promise<Admitted> {
  const checked = checkRequest(request);
  const refusal = refuseUrls(options.packageUrl, checked) ?? (await refuseGateway(options, checked));
  if (refusal !== null) return await reject(options, checked, refusal);
  const open = await options.store.insert(checked);
  if (open !== null) return { open };
  const other = await options.store.underWay(checked.clientid);
  const reason = `Another installation is under way on this gateway${other === null ? '' : ` (${other.id})`}.`;
  return await reject(options, checked, { code: 'CONFLICT', reason });
}

/** Returns why a URL is refused. Writes each other URL in the form in which the gateway is told it and reports it. */
function refuseUrls(packageUrl: PackageUrlRule, { packages }: CheckedRequest): Refusal | null {
  for (const software of packages) {
    const read = packageUrl(software.yamlUrl);
    if ('fault' in read) {
      const reason = `Packages are not loaded from ${JSON.stringify(redactText(software.yamlUrl))}: ${read.fault}.`;
      return { code: 'INVALID_INPUT', reason };
    }
    software.yamlUrl = read.url;
  }
  if (new Set(packages.map(({ yamlUrl }) => yamlUrl)).size < packages.length) {
    throw badField('packages', 'a list in which each package comes once');
  }
  return null;
}

async function refuseGateway(
  { standing }: AdmissionOptions,
  { clientid }: CheckedRequest,
): Promise<Refusal | null> {
  const how = await standing(clientid);
  if (how === 'offline') return { code: 'OFFLINE', reason: 'The gateway is not connected.' };
  if (how === 'online') return null;
  const reason = `There is no gateway with the client id ${JSON.stringify(clientid)}: register it first.`;
  return { code: 'NOT_FOUND', reason };
}

async function reject(
  { store }: AdmissionOptions,
  checked: CheckedRequest,
  { code, reason }: Refusal,
): Promise<Admitted> {
  const packages = checked.packages.map(shown);
  return { rejected: await store.insertRejected({ ...checked, packages }, code, reason) };
}

/** Returns a package without the secrets in its URL, which are only needed to load it. */
function shown(software: SoftwarePackage): SoftwarePackage {
  return { ...software, yamlUrl: redactText(software.yamlUrl) };
}
