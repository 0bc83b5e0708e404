import { TpeError } from '../shared/tpe-error.js';

const MAX_ADDRESSES = 10;

/**
 * Reads a list of addresses such as `http://emqx-1:18083, http://emqx-2:18083`: each once, in their order. They are the nodes of one
 * cluster, and the manager uses the first that answers. A comma within an address does not split it, since each address begins with its
 * protocol. Throws INVALID_INPUT, naming `field`, for more than ten.
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

/** Says which of several addresses is in use, and which to try when that one does not answer. */
export interface Rota<Address> {
  now(): Address;
  /** The number of addresses. */
  readonly size: number;
  /** Changes to the next address, after the last one to the first, and returns it. */
  next(): Address;
}

/** Creates a rota that begins with the first address. */
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
