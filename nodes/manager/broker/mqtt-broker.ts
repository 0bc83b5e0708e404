import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { BrokerOptions } from '../device-manager.js';
import type { BrokerEvent, BrokerEventSink } from '../events.js';
import { messageOf, TpeError } from '../tpe-error.js';
import type { Broker, PublishReceipt } from './broker.js';
import { connectionWords } from './connection-words.js';
import type { BrokerDependencies } from './embedded-broker.js';
import { createHealthTeller } from './health.js';
import { CLIENT_EVENT_FILTERS, isClientEventTopic, parseClientEvent } from './sys-events.js';

const PROTOCOLS = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];
const PUBACK_WITHIN_MS = 15_000;
const FIRST_ATTEMPT_MS = 5000;
const RECONNECT_MS = { first: 500, longest: 15_000 };
const RETRY_MS = { first: 100, longest: 5000 };

/**
 * Any MQTT broker: Mosquitto, or EMQX without its REST API. One persistent session takes the answers of all gateways;
 * each is acknowledged only when the sink has it. A plain broker does not tell who is connected, so presence comes from
 * what gateways say; EMQX's client events on `$SYS` are taken where they come.
 */
export function createMqttBroker(
  options: Extract<BrokerOptions, { kind: 'mqtt' }>,
  { topics, log }: Pick<BrokerDependencies, 'topics' | 'log'>,
): Broker {
  const url = checkUrl(options.url);
  const place = `${url.protocol}//${url.host}`;
  const health = createHealthTeller({ connected: false, detail: `${place}: not connected yet` });
  const closing = new AbortController();
  let client: MqttClient | null = null;

  /** mqtt.js acknowledges a message when this calls back, and takes the next one only then. */
  function take(sink: BrokerEventSink, packet: IPublishPacket, done: () => void): void {
    const event = toEvent(packet);
    if (event === null) return done();
    void deliver(sink, event).then((isTaken) => {
      // What was not taken at close stays unacknowledged: the broker sends it again to the next session.
      if (isTaken) done();
    });
  }

  function toEvent(packet: IPublishPacket): BrokerEvent | null {
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    if (isClientEventTopic(packet.topic)) return parseClientEvent(packet.topic, payload);
    return {
      type: 'message',
      clientid: null,
      topic: packet.topic,
      payload,
      qos: packet.qos,
      retain: packet.retain,
      receivedAt: Date.now(),
      source: 'mqtt',
    };
  }

  /** MQTT 3.1.1 has no way to refuse a message, so it is offered to the sink until the sink takes it. */
  async function deliver(sink: BrokerEventSink, event: BrokerEvent): Promise<boolean> {
    let pause = RETRY_MS.first;
    while (!closing.signal.aborted) {
      try {
        await sink(event);
        return true;
      } catch (error) {
        const canWait = error instanceof TpeError && (error.code === 'UNAVAILABLE' || error.code === 'BUSY');
        if (!canWait) {
          log.warn(`A message could not be taken and is dropped: ${messageOf(error)}`);
          return true;
        }
        await delay(pause, undefined, { signal: closing.signal }).catch(() => undefined);
        pause = Math.min(pause * 2, RETRY_MS.longest);
      }
    }
    return false;
  }

  function start(sink: BrokerEventSink): MqttClient {
    const made = connect(options.url, { ...clientOptions(options), reconnectPeriod: RECONNECT_MS.first });
    made.handleMessage = (packet, callback) => take(sink, packet, () => callback());
    made.on('connect', () => {
      made.options.reconnectPeriod = RECONNECT_MS.first;
      void subscribe(made);
    });
    made.on('close', () => {
      if (health.now().connected) health.set({ connected: false, detail: `${place}: connection lost` });
      const next = Math.min((made.options.reconnectPeriod ?? RECONNECT_MS.first) * 2, RECONNECT_MS.longest);
      made.options.reconnectPeriod = Math.round(next * (0.75 + Math.random() / 2));
    });
    made.on('error', (error) =>
      health.set({ connected: false, detail: `${place}: ${connectionWords(error)}` }),
    );
    return made;
  }

  async function subscribe(made: MqttClient): Promise<void> {
    try {
      const granted = await made.subscribeAsync([...topics.filters(), ...CLIENT_EVENT_FILTERS], { qos: 1 });
      const refused = granted.filter(({ topic, qos }) => qos >= 128 && !CLIENT_EVENT_FILTERS.includes(topic));
      if (refused.length === 0) return health.set({ connected: true, detail: place });
      const names = refused.map(({ topic }) => topic).join(', ');
      health.set({
        connected: true,
        detail: `${place}: may not subscribe to ${names}: no answers will come`,
      });
    } catch (error) {
      // mqtt.js rejects when the broker refuses a filter; the client events are refused by many.
      await made.subscribeAsync(topics.filters(), { qos: 1 }).then(
        () => health.set({ connected: true, detail: place }),
        () =>
          health.set({
            connected: true,
            detail: `${place}: cannot subscribe to the answers: ${messageOf(error)}`,
          }),
      );
    }
  }

  const publish = async ({ topic, payload }: { topic: string; payload: string }): Promise<PublishReceipt> => {
    // Never left to mqtt.js to send later: a request that comes late is not wanted any more.
    if (!client?.connected)
      return { accepted: false, reason: `the MQTT broker is away (${health.now().detail})` };
    const acknowledged = client.publishAsync(topic, payload, { qos: 1, retain: false }).then(
      (): PublishReceipt => ({ accepted: true, noSubscriber: false }),
      (error): PublishReceipt => ({ accepted: false, reason: connectionWords(error) }),
    );
    const late = delay(PUBACK_WITHIN_MS).then(
      (): PublishReceipt => ({
        accepted: false,
        reason: 'the MQTT broker did not acknowledge it',
      }),
    );
    return await Promise.race([acknowledged, late]);
  };

  const cannot = async (): Promise<never> => {
    const text = 'A plain MQTT broker does not tell who is connected and cannot end a session.';
    throw new TpeError('UNAVAILABLE', text);
  };

  return {
    kind: 'mqtt',
    // EMQX's client events can be lost while we are away and there is no list to compare with: they are hints, no proof.
    knowsPresence: false,
    async open(sink) {
      const made = start(sink);
      client = made;
      await Promise.race([
        new Promise<void>((resolve) => {
          made.once('connect', () => resolve());
          made.once('close', () => resolve());
        }),
        delay(FIRST_ATTEMPT_MS),
      ]);
      if (!made.connected) log.warn(`MQTT broker ${health.now().detail}; trying again.`);
    },
    publish,
    publishMany: (messages) => Promise.all(messages.map(publish)),
    listClients: cannot,
    getClient: cannot,
    disconnectClient: cannot,
    health: health.now,
    onHealth: health.onChange,
    async close() {
      closing.abort();
      await client?.endAsync(true);
      health.set({ connected: false, detail: 'closed' });
    },
  };
}

function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && PROTOCOLS.includes(url.protocol) && url.hostname !== '') return url;
  throw new TpeError(
    'INVALID_INPUT',
    'The URL of the MQTT broker must look like mqtt://host:1883 or mqtts://host:8883.',
    {
      field: 'url',
    },
  );
}

function clientOptions(options: Extract<BrokerOptions, { kind: 'mqtt' }>): IClientOptions {
  return {
    clientId: options.clientId ?? 'tpedm',
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.caFile === undefined ? {} : { ca: readCa(options.caFile) }),
    protocolVersion: 4,
    clean: false,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: 10_000,
    keepalive: 30,
  };
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TpeError(
      'INVALID_INPUT',
      `The CA file of the MQTT broker cannot be read: ${messageOf(error)}`,
      { file },
      error,
    );
  }
}
