import { isIP, isIPv6, SocketAddress } from 'node:net';

/** No address is longer, with a zone and a port. */
const LONGEST = 128;
const ZONE = /%[\w.~-]{1,32}$/;

/**
 * An IP address in the one form in which it is stored, shown and compared: IPv6 in small letters without needless zeros, an IPv4
 * address that is written as IPv6 as the IPv4 address that it is, a zone where there is one. Brackets and a port around it are
 * left out: `10.1.2.3:51234`, `[2001:db8::1]:51234`. What is an address as it stands is one, whole: `2001:db8::1:51234` has no
 * port. Null for what is no address.
 */
export function ipAddress(text: string | null | undefined): string | null {
  if (typeof text !== 'string' || text.length > LONGEST) return null;
  const given = text.trim();
  return canonical(given) ?? canonical(withoutPort(given));
}

/** The same of a text in which a port always stands behind the address, as EMQX's `peername`: `2001:db8::1:51234` has one. */
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
