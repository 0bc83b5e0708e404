import type { PackageUrlRule } from '../../catalogue/package-url.js';
import { badField } from '../../shared/invalid-input.js';
import type { Reason } from '../../shared/reason.js';
import { redactText } from '../../shared/secret-text.js';
import type { TpeError } from '../../shared/tpe-error.js';
import { inQuotes } from '../in-quotes.js';
import type { SoftwarePackage } from '../software-package.js';
import { type CheckedRequest, checkRequest } from './check-request.js';
import type { GatewayStanding } from './gateway-standing.js';
import type { Installation, InstallationRequest } from './installation.js';
import { installationReason } from './installation-reasons.js';
import type { InstallationStore, OpenInstallation } from './installation-store.js';

export interface AdmissionOptions {
  store: Pick<InstallationStore, 'insert' | 'insertRejected' | 'underWay' | 'ofExecution'>;
  standing: GatewayStanding;
  /** Says from which URLs gateways may be told to load packages. */
  packageUrl: PackageUrlRule;
}

/** An installation as it was recorded: open, rejected with its reason, or that of the same execution, which was there before. */
export type Admitted = { open: OpenInstallation } | { rejected: Installation } | { earlier: Installation };

interface Refusal {
  code: TpeError['code'];
  reason: Reason;
}

/** Records an installation as open or, if it cannot be begun, as rejected. Rejects with INVALID_INPUT or UNAVAILABLE. */
export async function admit(options: AdmissionOptions, request: InstallationRequest): Promise<Admitted> {
  const checked = checkRequest(request);
  const refusal = refuseUrls(options.packageUrl, checked) ?? (await refuseGateway(options, checked));
  if (refusal !== null) return await reject(options, checked, refusal);
  const open = await options.store.insert(checked);
  if (open !== null) return { open };
  const earlier = await earlierOf(options, checked);
  if (earlier !== null) return { earlier };
  const other = await options.store.underWay(checked.clientid);
  const reason =
    other === null
      ? installationReason('installation-beside')
      : installationReason('installation-beside-id', { id: other.id });
  return await reject(options, checked, { code: 'CONFLICT', reason });
}

/** Returns why a URL is refused. Writes each other URL in the form in which the gateway is told it and reports it. */
function refuseUrls(packageUrl: PackageUrlRule, { packages }: CheckedRequest): Refusal | null {
  for (const software of packages) {
    const read = packageUrl(software.yamlUrl);
    if ('fault' in read) {
      const params = { url: inQuotes(redactText(software.yamlUrl)), fault: read.fault };
      return { code: 'INVALID_INPUT', reason: installationReason('installation-url-refused', params) };
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
  if (how === 'offline') {
    return { code: 'OFFLINE', reason: installationReason('installation-gateway-not-connected') };
  }
  if (how === 'online') return null;
  const params = { clientid: inQuotes(clientid) };
  return { code: 'NOT_FOUND', reason: installationReason('installation-gateway-unknown', params) };
}

/** The installation of the same execution; null if there is none. The oldest: keys of later parts may begin alike. */
async function earlierOf(
  { store }: AdmissionOptions,
  { clientid, execution }: CheckedRequest,
): Promise<Installation | null> {
  return execution === null ? null : ((await store.ofExecution(clientid, execution))[0] ?? null);
}

async function reject(
  options: AdmissionOptions,
  checked: CheckedRequest,
  { code, reason }: Refusal,
): Promise<Admitted> {
  const packages = checked.packages.map(shown);
  const rejected = await options.store.insertRejected({ ...checked, packages }, code, reason);
  return rejected === null ? { earlier: (await earlierOf(options, checked))! } : { rejected };
}

/** Returns a package without the secrets in its URL, which are only needed to load it. */
function shown(software: SoftwarePackage): SoftwarePackage {
  return { ...software, yamlUrl: redactText(software.yamlUrl) };
}
