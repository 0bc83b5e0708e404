import { TpeError } from '../shared/tpe-error.js';

const MAX_ADDRESSES = 10;

/**
 * The addresses in a list such as `http://emqx-1:18083, http://emqx-2:18083`, each once, in their order: the nodes of one
 * cluster, of which the first that answers is spoken to. A comma within an address stays where it is, since the next one
 * begins with its protocol. INVALID_INPUT for more than ten.
 */
export function addressesIn(text: string, field: string): string[] {
  const addresses = text
    .split(/[\s,]+(?=[a-z][a-z\d+.-]*:\/\/)/i)
    .map((address) => address.replace(/^[\s,]+|[\s,]+$/g, ''))
    .filter((address) => address !== '');
  if (addresses.length > MAX_ADDRESSES) {
    const text = `${addresses.length} addresses are more than the ${MAX_ADDRESSES} that one broker may have.`;
    throw new TpeError('INVALID_INPUT', text, { field });
  }
  return [...new Set(addresses)];
}

/** One of several addresses, and the one to try when that is away. */
export interface Rota<Address> {
  now(): Address;
  /** How many there are. */
  readonly size: number;
  /** Goes on to the next one; after the last one comes the first again. */
  next(): Address;
}

export function createRota<Address>(addresses: readonly [Address, ...Address[]]): Rota<Address> {
  let index = 0;
  const now = () => addresses[index]!;
  return {
    now,
    size: addresses.length,
    next() {
      index = (index + 1) % addresses.length;
      return now();
    },
  };
}
