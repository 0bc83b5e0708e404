import type { Reason } from '../shared/reason.js';
import { packageUrlReason } from './package-url-reasons.js';

/** The hosts from which the vendor offers packages. */
const VENDOR_HOSTS = ['files.thingsprocloud.com', 'files.moxa-srs.thingsprocloud.com', 'tpe2.thingspro.io'];
const LONGEST = 2048;
/** The characters that RFC 3986 allows, without "#": a fragment is never sent, so it could only mislead a careless parser. */
const CHARACTERS = /^[\w\-.~:/?[\]@!$&'()*+,;=%]*$/;
const PARTS = /^(https?):\/\/([^/?]*)(.*)$/i;
/** A host name or IPv6 address, and a port; no login before them. */
const AUTHORITY = /^((?:[a-z\d-]+\.)*[a-z\d-]+|\[[\da-f:]+\])(?::(\d{1,5}))?$/i;
const BROKEN_ESCAPE = /%(?![\da-f]{2})/i;
/** Escaped control characters and backslashes: a parser on the way might decode them and find another URL. */
const HIDDEN_CHARACTER = /%(?:[01][\da-f]|7f|5c)/i;

declare const isChecked: unique symbol;
/** A URL from which gateways may load, as our parser writes it. Only a PackageUrlRule creates one, so that none is unchecked. */
export type PackageUrl = string & { readonly [isChecked]: true };

/** Checks a given URL of a package; returns the URL to send in its place, or why gateways must not load from there. */
export type PackageUrlRule = (given: unknown) => { url: PackageUrl } | { fault: Reason };

/**
 * Creates the rule for URLs of packages. Gateways install what they load with full rights, so a URL must be https and its host
 * must be known: one of the vendor's, that of the repository, or one of `hosts`, which have a port where that is not 443
 * (`mirror.example.com:8443`). Plain http is allowed only for the host of a repository that itself has an http URL. A URL that
 * two parsers could read differently is refused, since the gateway's parser is not ours. `repositoryUrl` null: there is no
 * repository.
 */
export function packageUrlRule(repositoryUrl: string | null, hosts: readonly string[]): PackageUrlRule {
  const own = repositoryUrl !== null && URL.canParse(repositoryUrl) ? new URL(repositoryUrl) : null;
  const allowed = new Set([...VENDOR_HOSTS, ...hosts].map((host) => hostOf('https:', host)));
  for (const origin of own === null ? [] : originsOf(own)) allowed.add(origin);
  return (given) => {
    if (typeof given !== 'string') return { fault: packageUrlReason('package-url-no-text') };
    const form = formFault(given);
    if (form !== null) return { fault: form };
    const url = new URL(given);
    if (allowed.has(originOf(url))) return { url: url.href as PackageUrl };
    if (url.protocol === 'http:') return { fault: packageUrlReason('package-url-not-https') };
    return { fault: packageUrlReason('package-url-host-not-allowed', { host: url.host }) };
  };
}

/** Why a text cannot be the URL of a package, by its form alone, whatever its host is; null if it can. */
export function formFault(text: string): Reason | null {
  if (text.length > LONGEST) return packageUrlReason('package-url-too-long', { most: LONGEST });
  if (text.includes('#')) return packageUrlReason('package-url-fragment');
  if (text.includes('\\')) return packageUrlReason('package-url-backslash');
  if (!CHARACTERS.test(text)) return packageUrlReason('package-url-characters');
  const [, scheme = '', authority = ''] = PARTS.exec(text) ?? [];
  if (scheme === '') {
    const code = /^[a-z][a-z\d+.-]*:/i.test(text) ? 'package-url-not-https' : 'package-url-none';
    return packageUrlReason(code);
  }
  if (BROKEN_ESCAPE.test(text)) return packageUrlReason('package-url-broken-escape');
  if (HIDDEN_CHARACTER.test(text)) return packageUrlReason('package-url-hidden-character');
  if (authority.includes('@')) return packageUrlReason('package-url-login');
  const [, host = '', port] = AUTHORITY.exec(authority) ?? [];
  if (host === '' || !URL.canParse(text)) return packageUrlReason('package-url-host-unclear');
  const url = new URL(text);
  // A host that the parser writes in another way is a disguised IP address: 0x7f.1, 2130706433, 010.0.0.1.
  if (url.hostname !== host.toLowerCase()) {
    return packageUrlReason('package-url-host-disguised', { host: url.hostname });
  }
  if (port !== undefined && String(Number(port)) !== port) {
    return packageUrlReason('package-url-port-unclear');
  }
  return null;
}

/** The origin of an allowed host; "" for an entry that is no host, which then matches no URL. */
function hostOf(protocol: string, host: string): string {
  const text = `${protocol}//${host.trim()}/`;
  return !/[/\\@?#]/.test(host) && URL.canParse(text) ? originOf(new URL(text)) : '';
}

/** The origins from which a repository may offer packages: its own port and the default one. */
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
