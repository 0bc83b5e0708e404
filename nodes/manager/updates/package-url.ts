/** Where the vendor keeps packages. */
const VENDOR_HOSTS = ['files.thingsprocloud.com', 'files.moxa-srs.thingsprocloud.com', 'tpe2.thingspro.io'];

/** Tells why gateways are not told to load from a URL; null where they may. */
export type UrlRule = (url: string) => string | null;

/**
 * Gateways load with full rights what they are told to load, so that a URL must be https and of a host that is known: the
 * vendor's, the repository's own, and those that are given. Only from a repository that is plain http itself, packages
 * may be, too.
 */
export function urlRule(repositoryUrl: string | null, hosts: readonly string[]): UrlRule {
  const own = repositoryUrl !== null && URL.canParse(repositoryUrl) ? new URL(repositoryUrl) : null;
  const allowed = new Set([...VENDOR_HOSTS, ...hosts, ...(own === null ? [] : [own.hostname])].map(lower));
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null) return 'it is no URL';
    const isPlain = url.protocol === 'http:' && own?.protocol === 'http:' && url.hostname === own.hostname;
    if (url.protocol !== 'https:' && !isPlain) return 'it does not begin with https:';
    if (url.username !== '' || url.password !== '') return 'it has a login in it';
    if (allowed.has(lower(url.hostname))) return null;
    return `its host ${url.hostname} is not allowed: add it to the hosts of the software repository`;
  };
}

function lower(text: string): string {
  return text.toLowerCase();
}
