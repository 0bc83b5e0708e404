import { type AnswerCell, type ReadAnswer, type Reading, tableOf } from './answer-table.js';
import { dataOf, type Item, isItem, itemsOf, number, text, texts, within } from './payload.js';
import { t } from './translate.js';

const CONNECTED = ['connected', 'ready', 'up'];

/** What the gateway calls an interface: as on its case, and as in its system. */
const INTERFACE = (): Reading<Item> => ({
  title: t('interface'),
  of({ displayName, name }) {
    const [shown, own] = [text(displayName), text(name)];
    return shown !== null && own !== null && shown !== own ? `${shown} (${own})` : (shown ?? own);
  },
});
const ADDRESS = (): Reading<Item> => ({
  title: t('address'),
  isCode: true,
  of: ({ ip, netmask }) => [text(ip), text(netmask)].filter(Boolean).join(' / '),
});
const ROUTER = (): Reading<Item> => ({
  title: t('router'),
  isCode: true,
  of: ({ gateway }) => text(gateway),
});
const DNS = (): Reading<Item> => ({ title: t('dns'), isCode: true, of: ({ dns }) => texts(dns) });
const MAC = (): Reading<Item> => ({ title: t('mac'), isCode: true, of: ({ mac }) => text(mac) });
const STATE = (): Reading<Item> => ({ title: t('state'), of: stateOf });

function stateOf({ enable, available, status }: Item): AnswerCell | null {
  if (available === false) return { text: t('notThere'), tone: 'neutral' };
  if (enable === false) return { text: t('off'), tone: 'neutral' };
  if (typeof status === 'boolean')
    return status ? { text: t('on'), tone: 'good' } : { text: t('noLink'), tone: 'warning' };
  const told = text(status);
  if (told === null) return enable === true ? { text: t('on'), tone: 'good' } : null;
  return { text: t('linkState', { state: told }), tone: CONNECTED.includes(told) ? 'good' : 'warning' };
}

function ethernets(payload: unknown) {
  const items = itemsOf(payload);
  if (items === null) return null;
  const readings: Reading<Item>[] = [
    INTERFACE(),
    STATE(),
    ADDRESS(),
    {
      title: t('by'),
      of: ({ enableDhcp }) =>
        typeof enableDhcp === 'boolean' ? (enableDhcp ? t('dhcp') : t('static')) : null,
    },
    ROUTER(),
    DNS(),
    MAC(),
    { title: t('uplink'), of: ({ wan }) => (wan === true ? t('yes') : null) },
  ];
  return [tableOf(items, readings, { title: t('ethernets') })];
}

function wifi(payload: unknown) {
  const items = itemsOf(payload);
  if (items === null) return null;
  const mode = (item: Item) => text(item.mode);
  const own = (item: Item) => within(item, mode(item) ?? 'ap');
  const readings: Reading<Item>[] = [
    INTERFACE(),
    STATE(),
    {
      title: t('mode'),
      of(item) {
        const told = mode(item);
        return told === null ? null : t('wifiMode', { mode: told });
      },
    },
    { title: t('ssid'), of: (item) => text(own(item).ssid) },
    {
      title: t('channel'),
      of(item) {
        const [channel, band] = [text(own(item).channel), text(own(item).band)];
        return [band && t('band', { band }), channel].filter(Boolean).join(', ');
      },
    },
    { title: t('security'), of: (item) => text(within(own(item), 'security').mode) },
    ADDRESS(),
  ];
  return [tableOf(items, readings, { title: t('wifi') })];
}

/** RSSI in dBm: what is below these is weak, and too weak. */
const WEAK = -90;
const TOO_WEAK = -105;

function signalOf({ signal }: Item): AnswerCell | null {
  const rssi = isItem(signal) ? number(signal.rssi) : null;
  if (rssi === null || rssi === 0) return null;
  const tone = rssi >= WEAK ? 'good' : rssi >= TOO_WEAK ? 'warning' : 'bad';
  return { text: t('dbm', { n: rssi }), tone };
}

function apnOf({ profiles, currentProfileId }: Item): string | null {
  const all = Array.isArray(profiles) ? profiles.filter(isItem) : [];
  const current = all.find(({ id }) => id === currentProfileId) ?? all[0] ?? {};
  return text(within(current, 'pdpContext').apn);
}

function cellulars(payload: unknown) {
  const items = itemsOf(payload);
  if (items === null) return null;
  const readings: Reading<Item>[] = [
    INTERFACE(),
    STATE(),
    { title: t('signal'), of: signalOf },
    { title: t('carrier'), of: ({ operatorName, carrier }) => text(operatorName) ?? text(carrier) },
    { title: t('technology'), of: ({ mode }) => text(mode)?.toUpperCase() ?? null },
    { title: t('apn'), of: apnOf },
    ADDRESS(),
    ROUTER(),
    DNS(),
    { title: 'IMEI', isCode: true, of: ({ imei }) => text(imei) },
    { title: 'ICCID', isCode: true, of: ({ iccId }) => text(iccId) },
    { title: 'IMSI', isCode: true, of: ({ imsi }) => text(imsi) },
  ];
  return [tableOf(items, readings, { title: t('cellulars'), isOfFacts: true })];
}

function dns(payload: unknown) {
  const data = dataOf(payload);
  const servers = Array.isArray(data) ? texts(data) : null;
  if (servers === null && !(Array.isArray(data) && data.length === 0)) return null;
  const readings: Reading<string>[] = [{ title: t('servers'), isCode: true, of: (all) => all || t('none') }];
  return [tableOf([servers ?? ''], readings, { title: t('dns'), isOfFacts: true })];
}

function wan(payload: unknown) {
  const data = dataOf(payload);
  if (!isItem(data)) return null;
  return [tableOf([data], [INTERFACE(), ADDRESS(), ROUTER(), DNS()], { title: t('wan'), isOfFacts: true })];
}

/** What answers about a gateway's network say, by the id of the operation. */
export const NETWORK_ANSWERS = {
  'get-device-network-wan': wan,
  'get-device-ethernets-get-all-device-ethernets': ethernets,
  'get-device-cellulars-get-all-device-cellulars': cellulars,
  'get-device-wifi': wifi,
  'get-device-dns-get-device-dns': dns,
} as const satisfies Record<string, ReadAnswer>;
