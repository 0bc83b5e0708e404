import type { Fault } from '../../shared/fault.js';
import { isJsonObject } from '../../shared/json-object.js';
import { escaped } from '../../shared/json-pointer.js';
import type { Reason } from '../../shared/reason.js';
import { acrossFieldsReason } from './across-fields-reasons.js';
import { hasEnds, type Ipv4Network, ipv4Number, isWithin, networkOf } from './ipv4-network.js';

// JSON Schema looks at one value at a time. What follows here are the rules for values that must fit each other: this file describes all
// of them, by the names that fields have throughout the API, and every door that checks a request checks them too.

type Fields = Readonly<Record<string, unknown>>;
/** The field, as names from the object downwards, in which a person mends it, and why. */
type Wrong = readonly [at: readonly string[], reason: Reason];

interface RuleAcrossFields {
  /** An object must have all of these, else the rule says nothing of it. */
  needs: readonly string[];
  /** What else it looks at. */
  takes?: readonly string[];
  wrong(object: Fields): Wrong | null;
}

const NO_ADDRESS = 0;
const MOST_PORT = 65_535;
const REGISTERS = 65_536;
/** How much one request of Modbus reads and writes at most, by its function. */
const MOST_READ: Record<number, number> = { 1: 2000, 2: 2000, 3: 125, 4: 125, 23: 125 };
const MOST_WRITTEN: Record<number, number> = { 15: 1968, 16: 123, 23: 121 };

const RULES: readonly RuleAcrossFields[] = [
  { needs: ['ip', 'netmask'], takes: ['enableDhcp'], wrong: hostAddress },
  { needs: ['ip', 'netmask', 'gateway'], takes: ['enableDhcp'], wrong: gatewayWithin },
  { needs: ['startIp', 'endIp'], takes: ['netmask'], wrong: poolInOrder },
  { needs: ['dhcpServer', 'ip', 'netmask'], wrong: (one) => poolWithin(one.dhcpServer, one.ip, one.netmask) },
  {
    needs: ['dhcpServer', 'network'],
    wrong({ dhcpServer, network }) {
      const { ipAddress, ipNetmask } = isJsonObject(network) ? network : {};
      return poolWithin(dhcpServer, ipAddress, ipNetmask);
    },
  },
  {
    needs: ['httpPort', 'httpsPort'],
    takes: ['httpEnable', 'httpsEnable'],
    wrong: ({ httpPort, httpsPort, httpEnable, httpsEnable }) =>
      httpPort === httpsPort && httpEnable !== false && httpsEnable !== false
        ? [['httpsPort'], acrossFieldsReason('ports-alike', { port: String(httpPort) })]
        : null,
  },
  {
    needs: ['enable', 'primary'],
    takes: ['secondary'],
    wrong({ enable, primary, secondary }) {
      if (enable === true && isBlank(primary)) return [['primary'], acrossFieldsReason('dns-server-missing')];
      const isTwice = !isBlank(secondary) && secondary === primary;
      return isTwice ? [['secondary'], acrossFieldsReason('servers-alike')] : null;
    },
  },
  {
    needs: ['target', 'timeout', 'interval'],
    wrong: ({ timeout, interval }) =>
      isOver(timeout, interval)
        ? [['timeout'], acrossFieldsReason('timeout-over-interval', { most: interval })]
        : null,
  },
  {
    needs: ['timeoutMin', 'idleTimeoutMin'],
    wrong: ({ timeoutMin, idleTimeoutMin }) =>
      isOver(idleTimeoutMin, timeoutMin)
        ? [['idleTimeoutMin'], acrossFieldsReason('idle-over-session', { most: timeoutMin })]
        : null,
  },
  {
    needs: ['enable', 'source', 'server'],
    wrong: ({ enable, source, server }) =>
      enable === true && source === 'timeserver' && isBlank(server)
        ? [['server'], acrossFieldsReason('time-server-missing')]
        : null,
  },
  {
    needs: ['func', 'readQuantity'],
    takes: ['readAddress'],
    wrong: ({ func, readAddress, readQuantity }) =>
      quantity(MOST_READ[Number(func)], ['readQuantity', readQuantity, readAddress], 'too-many-to-read'),
  },
  {
    needs: ['func', 'writeQuantity'],
    takes: ['writeAddress'],
    wrong: ({ func, writeAddress, writeQuantity }) =>
      quantity(
        MOST_WRITTEN[Number(func)],
        ['writeQuantity', writeQuantity, writeAddress],
        'too-many-to-write',
      ),
  },
  {
    needs: ['scalingFunc', 'pointSourceMin', 'pointSourceMax'],
    wrong: ({ scalingFunc, pointSourceMin, pointSourceMax }) =>
      scalingFunc === 2 && pointSourceMin === pointSourceMax
        ? [['pointSourceMax'], acrossFieldsReason('scale-of-nothing', { first: String(pointSourceMin) })]
        : null,
  },
  ...['gatewayPort', 'sourcePort', 'destinationPort'].map((name) => ({
    needs: ['protocol', name],
    wrong: (object: Fields) => portRange(name, object[name]),
  })),
];

/** How deep and how many objects of a body are looked at; no body that a gateway takes has more. */
const MAX_DEPTH = 12;
const MAX_OBJECTS = 20_000;
/** The most faults; more help nobody. */
const MAX_FAULTS = 10;

/**
 * What does not fit together in a body. `skip` has JSON Pointers within the body to values that are not known yet: a rule that looks at one
 * of them says nothing.
 */
export function faultsAcrossFields(body: unknown, skip: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value: body, path: '', depth: 0 }];
  for (let looked = 0; looked < MAX_OBJECTS; looked += 1) {
    const place = waiting.pop();
    if (place === undefined || faults.length >= MAX_FAULTS) break;
    const { value, path, depth } = place;
    if (isJsonObject(value)) faults.push(...faultsOf(value, path, skip));
    if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) continue;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner !== 'object' || inner === null || waiting.length >= MAX_OBJECTS) continue;
      waiting.push({ value: inner, path: `${path}/${escaped(name)}`, depth: depth + 1 });
    }
  }
  return faults.slice(0, MAX_FAULTS);
}

/**
 * Fields that a rule has in common with one of `names`, and `names` themselves: who sends one of them sends all, else the other side cannot
 * be checked against it.
 */
export function fieldsTogether(names: ReadonlySet<string>): Set<string> {
  const rules = RULES.map(({ needs, takes = [] }) => [...needs, ...takes]);
  return new Set([...names, ...rules.filter((fields) => fields.some((name) => names.has(name))).flat()]);
}

function faultsOf(object: Fields, path: string, skip: readonly string[]): Fault[] {
  const isUnknown = (name: string) => {
    const pointer = `${path}/${escaped(name)}`;
    return skip.some((one) => one === '' || one === pointer || one.startsWith(`${pointer}/`));
  };
  const found = new Map<string, Fault>();
  for (const { needs, takes = [], wrong } of RULES) {
    if (!needs.every((name) => Object.hasOwn(object, name))) continue;
    if ([...needs, ...takes].some(isUnknown)) continue;
    const fault = wrong(object);
    if (fault === null) continue;
    const at = path + fault[0].map((name) => `/${escaped(name)}`).join('');
    // The first rule that a field breaks says enough.
    if (!found.has(at)) found.set(at, faultAt(at, fault[1]));
  }
  return [...found.values()];
}

function faultAt(path: string, reason: Reason): Fault {
  const rule = reason.cause?.code ?? '';
  const text = `requestBody${path} ${reason.text} (${rule})`;
  return { in: 'requestBody', path, rule, text, ...(reason.cause && { cause: reason.cause }) };
}

function hostAddress({ ip, netmask, enableDhcp }: Fields): Wrong | null {
  const [address, network] = [ipv4Number(ip), networkOf(ip, netmask)];
  if (enableDhcp === true || address === null || address === NO_ADDRESS) return null;
  const reason = noHost(String(ip), address) ?? (network && endOf(network, address));
  return reason && [['ip'], reason];
}

/** Loopback, multicast and what no network has. */
function noHost(text: string, address: number): Reason | null {
  const first = Math.floor(address / 2 ** 24);
  if (first !== 0 && first !== 127 && first < 224) return null;
  return acrossFieldsReason('address-of-no-host', { address: text });
}

function endOf(network: Ipv4Network, address: number): Reason | null {
  if (!hasEnds(network)) return null;
  if (address === network.first) return acrossFieldsReason('address-is-network', { network: network.text });
  if (address === network.last) return acrossFieldsReason('address-is-broadcast', { network: network.text });
  return null;
}

function gatewayWithin({ ip, netmask, gateway, enableDhcp }: Fields): Wrong | null {
  const [own, address, network] = [ipv4Number(ip), ipv4Number(gateway), networkOf(ip, netmask)];
  if (enableDhcp === true || network === null || address === null || own === NO_ADDRESS) return null;
  // An interface that is no way out has none, which some gateways write so.
  if (address === NO_ADDRESS) return null;
  const at = ['gateway'];
  if (address === own) return [at, acrossFieldsReason('gateway-is-the-address', { address: String(ip) })];
  if (!isWithin(network, address))
    return [
      at,
      acrossFieldsReason('gateway-outside-network', { network: network.text, address: String(ip) }),
    ];
  const end = endOf(network, address);
  return end && [at, end];
}

function poolInOrder({ startIp, endIp, netmask }: Fields): Wrong | null {
  const [first, last] = [ipv4Number(startIp), ipv4Number(endIp)];
  if (first === null || last === null) return null;
  if (last < first) return [['endIp'], acrossFieldsReason('range-out-of-order', { first: String(startIp) })];
  const network = networkOf(startIp, netmask);
  if (network === null) return null;
  if (!isWithin(network, last))
    return [
      ['endIp'],
      acrossFieldsReason('pool-over-networks', { first: String(startIp), netmask: String(netmask) }),
    ];
  const ends = [
    ['startIp', endOf(network, first)],
    ['endIp', endOf(network, last)],
  ] as const;
  const wrong = ends.find(([, reason]) => reason !== null);
  return wrong ? [[wrong[0]], wrong[1]!] : null;
}

/** Whether the pool of a DHCP server is in the network of its interface, and leaves out the interface itself. */
function poolWithin(dhcpServer: unknown, ip: unknown, netmask: unknown): Wrong | null {
  const { startIp, endIp, enable } = isJsonObject(dhcpServer) ? dhcpServer : {};
  const [first, last, own] = [ipv4Number(startIp), ipv4Number(endIp), ipv4Number(ip)];
  const network = networkOf(ip, netmask);
  if (enable === false || first === null || last === null || own === null || network === null) return null;
  const outside = acrossFieldsReason('pool-outside-network', { network: network.text });
  if (!isWithin(network, first)) return [['dhcpServer', 'startIp'], outside];
  if (!isWithin(network, last)) return [['dhcpServer', 'endIp'], outside];
  if (own < first || own > last) return null;
  return [['dhcpServer', 'startIp'], acrossFieldsReason('pool-has-own-address', { address: String(ip) })];
}

function quantity(
  most: number | undefined,
  [name, count, from]: readonly [name: string, count: unknown, from: unknown],
  code: 'too-many-to-read' | 'too-many-to-write',
): Wrong | null {
  if (most === undefined || typeof count !== 'number') return null;
  if (count > most) return [[name], acrossFieldsReason(code, { most })];
  const left = typeof from === 'number' ? REGISTERS - from : REGISTERS;
  return count > left ? [[name], acrossFieldsReason('beyond-last-address', { most: left })] : null;
}

function portRange(name: string, given: unknown): Wrong | null {
  const ends = typeof given === 'string' ? /^\s*(\d{1,6})\s*[-:]\s*(\d{1,6})\s*$/.exec(given) : null;
  if (ends === null) return null;
  const [first, last] = [Number(ends[1]), Number(ends[2])];
  const isRange = first >= 1 && first <= last && last <= MOST_PORT;
  return isRange ? null : [[name], acrossFieldsReason('ports-out-of-order')];
}

function isOver(value: unknown, most: unknown): most is number {
  return typeof value === 'number' && typeof most === 'number' && value > most;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
