import type { EmqxOptions, MqttOptions } from '../../broker/options.js';
import { createThrottledLog } from '../../shared/throttled-log.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { Broker, BrokerHealth, BrokerMessage, BrokerNode, PublishReceipt } from '../broker.js';
import type { BrokerDependencies } from '../dependencies.js';
import { createHealthTeller, createStartTeller } from '../health.js';
import { createMqttSession, type MqttSession, type MqttSessionOptions } from '../mqtt/session.js';
import { NO_SUBSCRIPTIONS, subscriptionsOf } from '../mqtt/subscriptions.js';
import { readMqttTargets } from '../mqtt/target.js';
import { publishReason } from '../publish-reasons.js';
import type { EmqxApi } from './api.js';
import { createEmqxRest, type EmqxRest } from './rest.js';
import { createStartWatch } from './starts.js';
import { readEmqxTargets } from './target.js';

const NOT_STARTED: BrokerHealth = { connected: false, detail: 'not started' };
/** EMQX sends an event and updates its list independently, so the list may be behind by this much. */
const LAG_MS = 1000;
/** EMQX 4 updates its list only when the webhook has answered, for which it waits up to 5 s. */
const HOOK_LAG_MS = 6000;
const ALLOW_CLIENT_EVENTS = 'allow this account to subscribe to $SYS/brokers/+/clients/#';

/**
 * Creates the broker for EMQX 4, 5 or 6. Its REST API lists, disconnects and bans clients. Commands go by the MQTT connection if there is
 * one, otherwise by REST. Messages of gateways, connects and disconnects arrive by webhooks or by that MQTT connection.
 */
export function createEmqxBroker(
  options: EmqxOptions,
  dependencies: Pick<BrokerDependencies, 'topics' | 'log'>,
): Broker {
  const health = createHealthTeller(NOT_STARTED);
  const restHealth = createHealthTeller(NOT_STARTED);
  const mqttHealth = createHealthTeller({ connected: false, detail: 'connecting' });
  const warn = createThrottledLog(dependencies.log.warn);
  const starts = createStartTeller();
  const watchStarts = createStartWatch(starts.tell);
  let rest: EmqxRest | null = null;
  let mqtt: MqttSession | null = null;
  let hasClientEvents = true;
  let isClosed = false;

  const nodeListeners: ((nodes: readonly BrokerNode[]) => void)[] = [];
  const gapListeners: (() => void)[] = [];
  const noteReturn = () => {
    for (const listener of gapListeners) listener();
  };
  const noteRest = returnOf(noteReturn);
  const noteMqtt = returnOf(noteReturn);

  restHealth.onChange(({ connected, detail }) => {
    if (!connected && !isClosed) warn(detail, `${detail}. Retrying.`);
    // Events that happen before MQTT is back too are not reported, so MQTT does not wait for its next attempt.
    if (connected) mqtt?.hurry();
    noteRest(connected);
    tell();
  });
  mqttHealth.onChange(({ connected }) => {
    // EMQX may have come back or restarted since the last check of its REST API.
    if (connected) rest?.look();
    noteMqtt(connected);
    tell();
  });

  function tell(): void {
    if (isClosed) return;
    const { connected, detail } = restHealth.now();
    const isWhole = connected && (options.events === 'webhook' || mqttHealth.now().connected);
    health.set({
      connected: isWhole,
      detail:
        mqtt === null
          ? detail
          : `${detail}; ${mqttWords(mqtt.place(), mqttHealth.now(), options.events === 'mqtt', hasClientEvents)}`,
    });
  }

  function onClientEvents(isTaken: boolean): void {
    hasClientEvents = isTaken;
    if (!isTaken) warn('client events', refusedEvents(mqtt?.place() ?? ''));
    tell();
  }

  async function publishMany(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]> {
    const byMqtt = messages.map((message) => mqtt?.publish(message) ?? null);
    // Only what was not sent goes by REST: a message that was sent without acknowledgement may have arrived.
    const left = messages.filter((_message, index) => byMqtt[index] === null);
    const byRest = await publishByRest(left);
    return await Promise.all(byMqtt.map((receipt) => receipt ?? byRest.shift()!));
  }

  async function publishByRest(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]> {
    if (rest !== null) return await rest.publish(messages);
    return messages.map(() => ({ accepted: false, reason: publishReason('emqx-not-started') }));
  }

  async function ask<T>(question: (api: EmqxApi) => Promise<T>): Promise<T> {
    if (rest === null) throw new TpeError('UNAVAILABLE', 'The connection to EMQX is not started.');
    return await rest.ask(question);
  }

  return {
    kind: 'emqx',
    knowsPresence: true,
    async open(sink) {
      checkEvents(options);
      const targets = readEmqxTargets(options);
      if (options.mqtt)
        mqtt = prepareMqtt(
          options.mqtt,
          options.events === 'mqtt',
          { health: mqttHealth, onClientEvents },
          dependencies,
        );
      rest = createEmqxRest(targets, restHealth, (nodes) => {
        watchStarts(nodes);
        for (const listener of nodeListeners) listener(nodes);
      });
      await Promise.all([rest.open(), mqtt?.open(sink)]);
    },
    publish: async (message) => (await publishMany([message]))[0]!,
    publishMany,
    listClients: (limit, cursor) => ask((api) => api.listClients(limit, cursor)),
    listNodes: () => ask((api) => api.listNodes()),
    onNodes: (listener) => void nodeListeners.push(listener),
    onGap: (listener) => void gapListeners.push(listener),
    canBeAsked: () => restHealth.now().connected,
    canPublish: () => restHealth.now().connected || mqttHealth.now().connected,
    listLagMs: () => (options.events === 'webhook' && rest?.major() === 4 ? HOOK_LAG_MS : LAG_MS),
    getClient: (clientid) => ask((api) => api.getClient(clientid)),
    disconnectClient: (clientid) => ask((api) => api.kick(clientid)),
    ban: (clientid) => ask((api) => api.ban(clientid)),
    unban: async (clientids) => {
      if (clientids.length > 0) await ask((api) => api.unban(clientids));
    },
    health: health.now,
    onHealth: health.onChange,
    onStart: starts.onStart,
    async close() {
      isClosed = true;
      health.set({ connected: false, detail: 'closed' });
      rest?.close();
      await mqtt?.close();
    },
  };
}

function refusedEvents(place: string): string {
  return `EMQX at ${place} refuses its client events, so connects and disconnects are only seen at intervals: ${ALLOW_CLIENT_EVENTS}.`;
}

/** Describes the state of the MQTT connection for a person. `takes` is true if answers arrive by it too. */
function mqttWords(
  place: string,
  { connected, detail }: BrokerHealth,
  takes: boolean,
  hasClientEvents: boolean,
): string {
  if (!connected) {
    return `${takes ? 'no answers, and commands by REST' : 'commands by REST'}, since MQTT is away (${detail})`;
  }
  const missing = hasClientEvents ? '' : `, but without its client events: ${ALLOW_CLIENT_EVENTS}`;
  return `commands ${takes ? 'and answers ' : ''}by MQTT at ${place}${missing}`;
}

/** Creates the MQTT session. `takes` is true if answers and client events arrive by it. */
function prepareMqtt(
  login: MqttOptions,
  takes: boolean,
  told: Omit<MqttSessionOptions, 'subscriptions'>,
  dependencies: Pick<BrokerDependencies, 'topics' | 'log'>,
): MqttSession {
  const targets = readMqttTargets(login);
  // Without subscriptions the session must be a clean one: a persistent one may still have the subscriptions of an earlier run.
  if (!takes) for (const target of targets) target.options.clean = true;
  const subscriptions = takes ? subscriptionsOf(dependencies.topics, login.sharedGroup) : NO_SUBSCRIPTIONS;
  const session = createMqttSession(targets, { subscriptions, ...told }, dependencies);
  return session;
}

/** Creates a function that takes the state of a connection, and calls `onReturn` when a lost connection is back: events were lost. */
function returnOf(onReturn: () => void): (connected: boolean) => void {
  let state: 'new' | 'there' | 'gone' = 'new';
  return (connected) => {
    if (connected && state === 'gone') onReturn();
    if (connected) state = 'there';
    else if (state === 'there') state = 'gone';
  };
}

/** Throws INVALID_INPUT if events should arrive by MQTT but the options have no MQTT connection. */
export function checkEvents({ events, mqtt }: EmqxOptions): void {
  if (events !== 'mqtt' || mqtt) return;
  throw new TpeError(
    'INVALID_INPUT',
    'Answers and client events are to come by MQTT, so EMQX needs an MQTT connection: give its URL, or let them come by webhooks.',
    { field: 'mqtt' },
  );
}
