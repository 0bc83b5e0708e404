import { EventEmitter, once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import type { BrokerDependencies } from '../../../nodes/manager/broker/dependencies.js';
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
} from '../../../nodes/manager/broker/embedded/admission.js';
import {
  createEmbeddedBroker,
  type EmbeddedBroker,
} from '../../../nodes/manager/broker/embedded/embedded-broker.js';
import type { BrokerEvent, BrokerEventSink } from '../../../nodes/manager/broker/events.js';
import type { EmbeddedOptions } from '../../../nodes/manager/broker/options.js';
import { DEFAULT_TOPICS, makeTopics, type TopicTemplates } from '../../../nodes/manager/protocol/topics.js';

export interface Rig {
  broker: EmbeddedBroker;
  port: number;
  /** What reached the sink, in order. */
  events: BrokerEvent[];
  warnings: string[];
  /** Resolves with the first event, also one that came before, that has all these properties. */
  seen(wanted: Partial<Record<string, unknown>>): Promise<BrokerEvent>;
  /** An ordinary client; rejects with the CONNACK code when it is refused. */
  connect(clientid: string, options?: IClientOptions): Promise<MqttClient>;
  /** A connection that says nothing by itself, from an address of the loopback network. */
  raw(localAddress?: string): Promise<Socket>;
  /** From now on, what the sink does with an event behind the record. */
  onEvent(sink: BrokerEventSink): void;
  close(): Promise<void>;
}

export const PASSWORD = 'correct horse';

/** An embedded broker on a free port that knows every client id by the password above. */
export async function openRig(
  options: Partial<EmbeddedOptions> = {},
  overrides: {
    authenticate?: BrokerDependencies['authenticate'];
    topics?: Partial<TopicTemplates>;
    limits?: Partial<ConnectionLimits>;
  } = {},
): Promise<Rig> {
  const events: BrokerEvent[] = [];
  const warnings: string[] = [];
  const told = new EventEmitter().setMaxListeners(0);
  const clients: MqttClient[] = [];
  const sockets: Socket[] = [];
  let behind: BrokerEventSink = async () => undefined;

  const broker = createEmbeddedBroker(
    { port: 0, ...options },
    {
      topics: makeTopics({ ...DEFAULT_TOPICS, ...overrides.topics }),
      authenticate:
        overrides.authenticate ??
        (async (_clientid, _username, password) => (password === PASSWORD ? 'accepted' : 'wrong_password')),
      log: { info: () => undefined, warn: (text) => void warnings.push(text) },
    },
    { ...CONNECTION_LIMITS, ...overrides.limits },
  );
  await broker.open(async (event) => {
    events.push(event);
    told.emit('event');
    await behind(event);
  });
  const port = broker.ports!.tcp;

  return {
    broker,
    port,
    events,
    warnings,
    async seen(wanted) {
      for (;;) {
        const found = events.find((event) => matches(event, wanted));
        if (found) return found;
        await once(told, 'event');
      }
    },
    async connect(clientid, clientOptions) {
      const client = await connectAsync(
        `mqtt://127.0.0.1:${port}`,
        {
          clientId: clientid,
          username: 'user',
          password: PASSWORD,
          protocolVersion: 4,
          reconnectPeriod: 0,
          ...clientOptions,
        },
        false,
      );
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    async raw(localAddress = '127.0.0.1') {
      const socket = createConnection({ port, host: '127.0.0.1', localAddress });
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    },
    onEvent(sink) {
      behind = sink;
    },
    async close() {
      for (const client of clients) client.end(true);
      for (const socket of sockets) socket.destroy();
      await broker.close();
    },
  };
}

function matches(event: BrokerEvent, wanted: Partial<Record<string, unknown>>): boolean {
  const facts = event as unknown as Record<string, unknown>;
  return Object.entries(wanted).every(([key, value]) => facts[key] === value);
}

/** The next message that comes to the client. */
export function nextMessage(
  client: MqttClient,
): Promise<{ topic: string; text: string; packet: IPublishPacket }> {
  return new Promise((resolve) => {
    client.once('message', (topic, payload, packet) => resolve({ topic, text: payload.toString(), packet }));
  });
}

/** Resolves when the client's connection is gone. */
export function closeOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => void client.once('close', () => resolve()));
}

/** Waits for what no event tells of; the test's own time limit ends it. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A CONNECT of MQTT 3.1.1 as bytes. */
export function connectPacket(clientId: string, more: { keepalive: number }): Buffer {
  return generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId,
    username: 'user',
    password: Buffer.from(PASSWORD),
    ...more,
  });
}

/** The CONNACK return code with which a connect was refused. */
export async function refusalOf(connecting: Promise<unknown>): Promise<number | undefined> {
  try {
    await connecting;
  } catch (error) {
    return (error as { code?: number }).code;
  }
  throw new Error('it was let in');
}
