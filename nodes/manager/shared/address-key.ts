import { isIPv6 } from 'node:net';
import { ipAddress } from './ip-address.js';

/**
 * The key under which an IP address is counted. A person with one IPv6 address usually has 2^64 of them, so its network of 64 bits counts.
 * An IPv4 address written as IPv6 counts as the IPv4 address.
 */
export function addressKey(address: string): string {
  const bare = (ipAddress(address) ?? address).replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [head = '', tail = ''] = bare.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = bare.includes('::') ? [...before, ...zeros, ...after] : before;
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
