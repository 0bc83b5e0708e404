import type { Updates } from '../../updates/scan/updates.js';
import type { SoftwarePackage } from '../../updates/software-package.js';

const PAGE = 1000;

/** What an installation loads on a gateway. */
export interface Load {
  packages: number;
  /** Null if the size of a package is not known. */
  bytes: number | null;
}

/** What these packages load. */
export function loadOf(packages: readonly Pick<SoftwarePackage, 'size'>[]): Load {
  let bytes: number | null = 0;
  for (const { size } of packages) bytes = bytes === null || size === null ? null : bytes + size;
  return { packages: packages.length, bytes };
}

/** What `to: "newest"` loads on each gateway, by the last scan. Gateways for which it found nothing are not in it. */
export async function newestPlans(updates: Pick<Updates, 'results'>): Promise<ReadonlyMap<string, Load>> {
  const plans = new Map<string, Load>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Awaited<ReturnType<Updates['results']>> = await updates.results({ limit: PAGE, cursor });
    for (const { clientid, path } of page.updates) plans.set(clientid, loadOf(path));
    cursor = page.next;
  }
  return plans;
}
