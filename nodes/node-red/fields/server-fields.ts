import { addressesIn } from '../../manager/broker/addresses.js';
import { isSharedGroup, MQTT_URL_FORMS, readMqttUrl } from '../../manager/broker/mqtt/url.js';
import { PAYLOAD_READINGS } from '../../manager/broker/options.js';
import { QUEUE_BOUNDS_MS, TIMEOUT_BOUNDS_MS } from '../../manager/commands/time-bounds.js';
import { DEFAULT_TOPICS, makeTopics, type TopicTemplates } from '../../manager/protocol/topics.js';
import { allOf, isHttpUrl, oneOf, readBy, secondsFrom, textIn, urlThat } from './checks.js';
import { BROKERS, EVENTS, REGISTRIES, REST_CHOICES, TOPIC_PROFILES, WITHOUT_SIGN_IN } from './choices.js';
import { readDashboardAccess } from './dashboard-access.js';
import {
  type Field,
  type FieldCheck,
  type FieldFault,
  type Fields,
  type FieldValues,
  fault,
  shown,
} from './field.js';
import { isWebhookPath } from './webhook-path.js';

const POSTGRESQL_FORM = 'postgresql://user:password@host/name';
const API_FORMS = 'http://host:18083 (EMQX 5 and 6) or http://host:8081 (EMQX 4)';
const REPOSITORY_FORMS = 'https://repository.example.com/api/v1/ or https://host/packages.json';

const brokerOf = (node: FieldValues) => textIn(node, 'broker') || 'embedded';
const isEmbedded = (node: FieldValues) => ['embedded', 'auto'].includes(brokerOf(node));
const isRemote = (node: FieldValues) => ['mqtt', 'emqx'].includes(brokerOf(node));
const isEmqx = (node: FieldValues) => brokerOf(node) === 'emqx';
const isCustom = (node: FieldValues) => textIn(node, 'topics') === 'custom';
const hasTls = (node: FieldValues) => isEmbedded(node) && textIn(node, 'tlsPort') !== '';

const LISTENERS = ['port', 'tlsPort', 'webSocketPort'];
const STANDARD_PORT = '1883';

/** Checks for a TCP port that no earlier listener of the same server uses. */
function portOf(name: string): FieldCheck {
  return (text, node) => {
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535) return fault('port', { value: shown(text) });
    const before = LISTENERS.slice(0, LISTENERS.indexOf(name));
    const isTaken = before.some((other) => {
      const given = textIn(node, other) || (other === 'port' ? STANDARD_PORT : '');
      return given !== '' && Number(given) === port;
    });
    return isTaken && port !== 0 ? fault('samePort', { value: port }) : null;
  };
}

/** Whether a listener can be bound to the text: an IP address or a host name. */
function isAddress(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text);
  if (text.includes(':'))
    return (
      /^[\da-f:.]{2,45}(?:%[\w.-]+)?$/i.test(text) && URL.canParse(`http://[${text.replace(/%.*/, '')}]`)
    );
  return text.length <= 253 && /^[a-z\d_](?:[\w-]{0,62})(?:\.[a-z\d_][\w-]{0,62})*\.?$/i.test(text);
}

/** Throws INVALID_INPUT if a topic template or filter cannot be used together with the others. */
function topicFault(change: Partial<TopicTemplates>): void {
  makeTopics({ ...DEFAULT_TOPICS, telemetry: [], ...change });
}

/** A topic that conflicts with no other, to check one topic alone. */
const APART = '/apart/{clientid}/apart';

/** Splits a text into MQTT filters, which are separated by line breaks or commas. */
export function filtersIn(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((filter) => filter.trim())
    .filter((filter) => filter !== '');
}

/** The topics for requests and answers of a tpe-server with these fields. */
export function topicsOf(node: FieldValues): Pick<TopicTemplates, 'input' | 'output'> {
  const profile = textIn(node, 'topics') || 'tpedm';
  if (profile === 'tpe') return { input: '/tpe/{clientid}/input', output: '/tpe/{clientid}/output' };
  const { input, output } = DEFAULT_TOPICS;
  if (profile !== 'custom') return { input, output };
  return { input: textIn(node, 'inputTopic') || input, output: textIn(node, 'outputTopic') || output };
}

const HOST = /^(?:[a-z\d-]+\.)*[a-z\d-]+(?::\d{1,5})?$|^\[[\da-f:]+\](?::\d{1,5})?$/i;

function hostsFault(text: string): FieldFault | null {
  const bad = text.split(/[\s,]+/).find((host) => host !== '' && !HOST.test(host));
  return bad === undefined ? null : fault('hosts', { value: shown(bad) });
}

/** A blank field is a fault if the field `other` is set, because certificate and key belong together. */
function besides(other: string, isUsed: (node: FieldValues) => boolean = () => true): Field['blank'] {
  return (node) => (isUsed(node) && textIn(node, other) !== '' ? fault('beside') : null);
}

type Given = ReadonlySet<string>;

function neededUnless(
  name: string,
  like: string,
  isNeeded: (node: FieldValues, given: Given) => boolean,
): Field['blank'] {
  return (node, { given }) =>
    given !== null && isNeeded(node, given) && !given.has(name) ? fault('missing', { like }) : null;
}

/** Whether the MQTT URL is needed: for an MQTT broker, and if events come by MQTT. */
function needsMqttUrl(node: FieldValues, given: Given): boolean {
  const events = textIn(node, 'events') || (given.has('mqttEvents') ? 'mqtt' : 'webhook');
  return brokerOf(node) === 'mqtt' || events === 'mqtt';
}

/** Checks each of several addresses that are separated by commas. */
function eachAddress(check: FieldCheck): FieldCheck {
  return (text, node, around) => {
    const tooMany = readBy((list) => addressesIn(list, 'url'))(text, node, around);
    if (tooMany !== null) return tooMany;
    return allOf(
      ...addressesIn(text, 'url').map(
        (address): FieldCheck =>
          () =>
            check(address, node, around),
      ),
    )(text, node, around);
  };
}

/** If a TLS configuration is selected, the URL must use TLS, so that nothing is sent in clear text. */
function secureWith(tls: string, isSecure: RegExp, like: string): FieldCheck {
  return (text, node) => {
    const chosen = textIn(node, tls);
    return chosen === '' || chosen === '_ADD_' || isSecure.test(text) ? null : fault('secure', { like });
  };
}

function isMqttUrl(text: string): boolean {
  try {
    return Boolean(readMqttUrl(text));
  } catch {
    return false;
  }
}

const file = (key: string, english: string, when?: Field['when']): Field => ({ label: [key, english], when });

/** The fields of tpe-server. */
export const SERVER_FIELDS: Fields = {
  name: { label: ['name', 'Name'] },
  registry: { label: ['registry', 'Database'], check: oneOf(REGISTRIES) },
  dataFolder: { label: ['dataFolder', 'Data folder'] },
  databaseCa: file('caFile', 'CA file'),
  broker: { label: ['broker', 'Broker'], check: oneOf(BROKERS) },
  host: {
    label: ['host', 'Listen on'],
    when: isEmbedded,
    check: (text) => (isAddress(text) ? null : fault('host', { value: shown(text) })),
  },
  port: { label: ['port', 'MQTT port'], when: isEmbedded, check: portOf('port') },
  tlsPort: { label: ['tlsPort', 'TLS port'], when: isEmbedded, check: portOf('tlsPort') },
  tlsCert: {
    ...file('tlsCert', 'Certificate', isEmbedded),
    blank: (node) => (hasTls(node) ? fault('beside') : null),
  },
  tlsKey: {
    ...file('tlsKey', 'Private key', isEmbedded),
    blank: (node) => (hasTls(node) ? fault('beside') : null),
  },
  webSocketPort: {
    label: ['webSocketPort', 'WebSocket port'],
    when: isEmbedded,
    check: portOf('webSocketPort'),
  },
  url: {
    label: ['url', 'MQTT URL'],
    when: isRemote,
    check: eachAddress(
      allOf(urlThat(isMqttUrl, MQTT_URL_FORMS), secureWith('tls', /^(mqtts|wss):/i, 'mqtts:// or wss://')),
    ),
    blank: neededUnless('mqttUrl', 'mqtt://host:1883', needsMqttUrl),
  },
  tls: { label: ['tls', 'TLS'], when: isRemote },
  brokerCa: file('caFile', 'CA file', isRemote),
  sharedGroup: {
    label: ['sharedGroup', 'Shared group'],
    when: isRemote,
    check: (text) => (isSharedGroup(text) ? null : fault('group', { value: shown(text) })),
  },
  apiUrl: {
    label: ['apiUrl', 'API URL'],
    when: isEmqx,
    check: eachAddress(allOf(urlThat(isHttpUrl, API_FORMS), secureWith('apiTls', /^https:/i, 'https://'))),
    blank: neededUnless('apiUrl', 'http://host:18083', isEmqx),
  },
  apiTls: { label: ['apiTls', 'API TLS'], when: isEmqx },
  apiCa: file('apiCa', 'API CA file', isEmqx),
  events: { label: ['events', 'Events'], when: isEmqx, check: oneOf(EVENTS) },
  webhookPath: {
    label: ['webhookPath', 'Webhook path'],
    when: (node) => isEmqx(node) && textIn(node, 'events') !== 'mqtt',
    check: (text) => (isWebhookPath(text) ? null : fault('webhookPath', { value: shown(text) })),
  },
  payloads: { label: ['payloads', 'Payloads'], when: isEmqx, check: oneOf(PAYLOAD_READINGS) },
  topics: { label: ['topics', 'Topics'], check: oneOf(TOPIC_PROFILES) },
  inputTopic: {
    label: ['inputTopic', 'Requests'],
    when: isCustom,
    check: readBy((input) => topicFault({ input, output: APART })),
  },
  outputTopic: {
    label: ['outputTopic', 'Answers'],
    when: isCustom,
    check: readBy((output, node) => {
      topicFault({ input: APART, output });
      const { input } = topicsOf(node);
      topicFault({ input, output });
    }),
  },
  telemetry: {
    label: ['telemetry', 'Telemetry'],
    check: readBy((text, node) => topicFault({ ...topicsOf(node), telemetry: filtersIn(text) })),
  },
  commandTimeout: {
    label: ['commandTimeout', 'Command timeout'],
    check: secondsFrom(TIMEOUT_BOUNDS_MS.least / 1000, TIMEOUT_BOUNDS_MS.most / 1000),
  },
  queueFor: {
    label: ['queueFor', 'Queue time'],
    check: secondsFrom(QUEUE_BOUNDS_MS.least / 1000, QUEUE_BOUNDS_MS.most / 1000),
  },
  instance: { label: ['instance', 'Instance name'] },
  repoUrl: {
    label: ['repoUrl', 'Repository'],
    check: urlThat(isHttpUrl, REPOSITORY_FORMS),
  },
  repoFolder: { label: ['repoFolder', 'or folder'] },
  repoCert: { ...file('repoCert', 'Client certificate'), blank: besides('repoKey') },
  repoKey: { ...file('repoKey', 'Client key'), blank: besides('repoCert') },
  repoCa: file('repoCa', 'CA file'),
  repoHosts: { label: ['repoHosts', 'Package hosts'], check: hostsFault },
  rest: { label: ['rest', 'REST API'], check: oneOf(REST_CHOICES) },
  restPath: {
    label: ['restPath', 'REST path'],
    when: (node) => textIn(node, 'rest') === 'on',
    check: (text) => (isWebhookPath(text) ? null : fault('restPath', { value: shown(text) })),
  },
  withoutSignIn: { label: ['withoutSignIn', 'Without sign-in'], check: oneOf(WITHOUT_SIGN_IN) },
  dashboardRoles: {
    label: ['dashboardRoles', 'Roles'],
    check: (text) => {
      try {
        readDashboardAccess({ dashboardRoles: text });
        return null;
      } catch {
        return fault('roles');
      }
    },
  },
};

/** The fields in the credentials. The editor has their values only while the form is open. */
export const SERVER_CREDENTIALS: Fields = {
  databaseUrl: {
    label: ['databaseUrl', 'URL'],
    when: (node) => (textIn(node, 'registry') || 'embedded') !== 'embedded',
    check: urlThat((text) => /^postgres(ql)?:\/\/./.test(text) && URL.canParse(text), POSTGRESQL_FORM),
    blank: neededUnless('databaseUrl', POSTGRESQL_FORM, (node) => textIn(node, 'registry') === 'postgresql'),
  },
};
