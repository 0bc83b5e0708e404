import { isIPv6 } from 'node:net';

/**
 * What counts as one address where connections are counted: an IPv4 address, or the 64 bits of an IPv6 address that name a
 * network, since whoever has one has all the addresses in it. An empty text where the other end is gone already.
 */
export function networkOf(address: string | undefined): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [bare = ''] = plain.split('%');
  const [head = '', tail] = bare.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail ? tail.split(':') : [];
  const missing = tail === undefined ? 0 : 8 - groups.length - behind.length;
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...behind];
  return `${all.slice(0, 4).join(':')}::/64`;
}

/** An IPv4 address that came over an IPv6 socket is written as what it is. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
}
