import { defineReasons } from '../../shared/reason.js';

/** What is wrong with values that do not fit each other. Each says what the field under which it is shown must be. */
export const acrossFieldsReason = defineReasons({
  'address-is-network': 'must be an address within {network}: this one names the network itself',
  'address-is-broadcast': 'must be an address within {network}: this one is for all of it (broadcast)',
  'address-of-no-host': 'must be the address of one device: {address} never is',
  'gateway-outside-network': 'must be within {network}, the network of {address}: else it cannot be reached',
  'gateway-is-the-address': 'must be another address than {address}, which is that of the interface itself',
  'range-out-of-order': 'must not be below {first}, with which the range begins',
  'pool-outside-network': 'must be within {network}, from which clients get their addresses',
  'pool-over-networks': 'must be in the same network as {first}, by the netmask {netmask}',
  'pool-has-own-address': 'must leave out {address}, which is the address of the gateway itself',
  'ports-alike': 'must be another port than {port}, which HTTP has',
  'servers-alike': 'must be another server than the first one, or blank',
  'timeout-over-interval': 'must be {most} at most, which is the time from one check to the next',
  'idle-over-session': 'must be {most} at most, which is how long a session lasts',
  'time-server-missing': 'must name the time server, since the time is taken from it',
  'dns-server-missing': 'must name a server, since names are looked up by it',
  'too-many-to-read': 'must be {most} at most: more does not fit into one answer of this function',
  'too-many-to-write': 'must be {most} at most: more does not fit into one request of this function',
  'beyond-last-address': 'must be {most} at most, since 65535 is the last address',
  'scale-of-nothing': 'must be another number than {first}: from one point no scale can be made',
  'ports-out-of-order': 'must name a range of ports from the lower to the higher one, up to 65535',
});
