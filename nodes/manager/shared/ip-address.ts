import { isIP, isIPv6, SocketAddress } from 'node:net';

/** Longest text that can be an address with a zone and a port, characters. */
const LONGEST = 128;
const ZONE = /%[\w.~-]{1,32}$/;

/**
 * An IP address in the one form in which it is stored, shown and compared: IPv6 in lower case without needless zeros, an IPv4 address
 * written as IPv6 as IPv4, with its zone if there is one. Brackets and a port are removed: `10.1.2.3:51234`, `[2001:db8::1]:51234`. A text
 * that is an address as a whole has no port: `2001:db8::1:51234`. Null for a text that is no address.
 */
export function ipAddress(text: string | null | undefined): string | null {
  if (typeof text !== 'string' || text.length > LONGEST) return null;
  const given = text.trim();
  return canonical(given) ?? canonical(withoutPort(given));
}

/** The same for a text that always ends with a port, as EMQX's `peername`: `2001:db8::1:51234` has one. */
export function peerAddress(text: string | null | undefined): string | null {
  if (typeof text !== 'string' || text.length > LONGEST) return null;
  return canonical(withoutPort(text.trim())) ?? ipAddress(text);
}

function withoutPort(text: string): string {
  const bracketed = /^\[(.+)\](?::\d{1,5})?$/.exec(text)?.[1];
  return bracketed ?? text.replace(/:\d{1,5}$/, '');
}

function canonical(text: string): string | null {
  if (isIP(text) === 4) return text;
  if (!isIPv6(text)) return null;
  const zone = ZONE.exec(text)?.[0] ?? '';
  if (zone === '' && text.includes('%')) return null;
  const { address } = new SocketAddress({
    address: text.slice(0, text.length - zone.length),
    family: 'ipv6',
  });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return mapped ?? `${address}${zone}`;
}
