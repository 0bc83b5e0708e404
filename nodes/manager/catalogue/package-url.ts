/** Where the vendor keeps packages. */
const VENDOR_HOSTS = ['files.thingsprocloud.com', 'files.moxa-srs.thingsprocloud.com', 'tpe2.thingspro.io'];
const LONGEST = 2048;
/** All that RFC 3986 lets a URL have; a fragment is not sent, and says something only to whoever reads it wrongly. */
const CHARACTERS = /^[\w\-.~:/?[\]@!$&'()*+,;=%]*$/;
const PARTS = /^(https?):\/\/([^/?]*)(.*)$/i;
/** A host as it is looked up, and a port; no login before them. */
const AUTHORITY = /^((?:[a-z\d-]+\.)*[a-z\d-]+|\[[\da-f:]+\])(?::(\d{1,5}))?$/i;
const BROKEN_ESCAPE = /%(?![\da-f]{2})/i;
/** Escaped control characters and backslashes, which some parser on the way would take for what they stand for. */
const HIDDEN_CHARACTER = /%(?:[01][\da-f]|7f|5c)/i;

declare const isChecked: unique symbol;
/** A URL that gateways may be told to load from, as the parser wrote it: only a PackageUrlRule makes one. */
export type PackageUrl = string & { readonly [isChecked]: true };

/** Reads what is given as the URL of a package: the URL to send in place of the text, or why gateways do not load from there. */
export type PackageUrlRule = (given: unknown) => { url: PackageUrl } | { fault: string };

/**
 * Gateways load with full rights what they are told to load, so that a URL must be https and of a host that is known: the
 * vendor's, the repository's own, and `hosts`, each with its port (`mirror.example.com:8443`) where that is not 443. Only
 * from a repository that is plain http itself, packages may be, too. What two parsers could understand differently is no URL
 * of a package: the gateway's is not ours.
 */
export function packageUrlRule(repositoryUrl: string | null, hosts: readonly string[]): PackageUrlRule {
  const own = repositoryUrl !== null && URL.canParse(repositoryUrl) ? new URL(repositoryUrl) : null;
  const allowed = new Set([...VENDOR_HOSTS, ...hosts].map((host) => hostOf('https:', host)));
  for (const origin of own === null ? [] : originsOf(own)) allowed.add(origin);
  return (given) => {
    if (typeof given !== 'string') return { fault: 'it is no text' };
    const form = formFault(given);
    if (form !== null) return { fault: form };
    const url = new URL(given);
    if (allowed.has(originOf(url))) return { url: url.href as PackageUrl };
    if (url.protocol === 'http:') return { fault: 'it does not begin with https:' };
    return {
      fault: `its host ${url.host} is not allowed: add it to the hosts of the software repository (TPE_REPO_HOSTS)`,
    };
  };
}

/** Why a text is not the URL of a package, whatever its host; null where it is one. */
export function formFault(text: string): string | null {
  if (text.length > LONGEST) return `it has more than ${LONGEST} characters`;
  if (text.includes('#')) return 'it has a fragment, after "#"';
  if (text.includes('\\')) return 'it has a backslash';
  if (!CHARACTERS.test(text)) {
    return 'it has blanks, control characters or others that a URL has not: write a host in its "xn--" form, and escape the rest';
  }
  const [, scheme = '', authority = ''] = PARTS.exec(text) ?? [];
  if (scheme === '') {
    return /^[a-z][a-z\d+.-]*:/i.test(text) ? 'it does not begin with https:' : 'it is no URL';
  }
  if (BROKEN_ESCAPE.test(text)) return 'it has a "%" that escapes nothing';
  if (HIDDEN_CHARACTER.test(text)) return 'it has an escaped control character or backslash';
  if (authority.includes('@')) return 'it has a login in it';
  const [, host = '', port] = AUTHORITY.exec(authority) ?? [];
  if (host === '' || !URL.canParse(text)) return 'its host is not written plainly';
  const url = new URL(text);
  // A name that the parser writes in another way is an address in disguise: 0x7f.1, 2130706433, 010.0.0.1.
  if (url.hostname !== host.toLowerCase())
    return `its host is not written plainly: it stands for ${url.hostname}`;
  if (port !== undefined && String(Number(port)) !== port) return 'its port is not written plainly';
  return null;
}

/** The whole origin of an allowed host; an entry that is no host allows nothing. */
function hostOf(protocol: string, host: string): string {
  const text = `${protocol}//${host.trim()}/`;
  return !/[/\\@?#]/.test(host) && URL.canParse(text) ? originOf(new URL(text)) : '';
}

/** Its packages may lie on its own port, and on the usual one. */
function originsOf(repository: URL): string[] {
  const { protocol, hostname } = repository;
  const secure = hostOf('https:', hostname);
  return protocol === 'http:'
    ? [secure, originOf(repository), hostOf('http:', hostname)]
    : [secure, originOf(repository)];
}

function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}
