/** An IPv4 address as a number; null for a text that is none. */
export function ipv4Number(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text.trim())?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((whole, part) => whole * 256 + part, 0);
}

/** A network, of which all addresses from `first` to `last` are. */
export interface Ipv4Network {
  first: number;
  last: number;
  /** As people write it: `192.168.4.0/24`. */
  text: string;
}

/** The network of an address; null where one of both is no address, or where the netmask has gaps. */
export function networkOf(address: unknown, netmask: unknown): Ipv4Network | null {
  const [own, mask] = [ipv4Number(address), ipv4Number(netmask)];
  if (own === null || mask === null) return null;
  const size = 2 ** 32 - mask;
  const bits = Math.log2(size);
  if (!Number.isInteger(bits) || mask === 0) return null;
  const first = Math.floor(own / size) * size;
  return { first, last: first + size - 1, text: `${ipv4Text(first)}/${32 - bits}` };
}

/** Whether an address is one of a network. */
export function isWithin({ first, last }: Ipv4Network, address: number): boolean {
  return address >= first && address <= last;
}

/** Whether the first and the last address of a network are no gateway's: in a network of two addresses, or one, they may be. */
export function hasEnds({ first, last }: Ipv4Network): boolean {
  return last - first >= 3;
}

function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
