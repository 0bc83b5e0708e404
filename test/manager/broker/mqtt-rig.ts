import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes, type AedesOptions } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Broker, BrokerHealth } from '../../../nodes/manager/broker/broker.js';
import type { BrokerEvent, BrokerEventSink, GatewayMessage } from '../../../nodes/manager/broker/events.js';
import { createMqttBroker } from '../../../nodes/manager/broker/mqtt/mqtt-broker.js';
import type { MqttOptions } from '../../../nodes/manager/broker/options.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';

/** The broker under test, and what it told. */
export interface MqttRig {
  broker: Broker;
  events: BrokerEvent[];
  texts(): string[];
  warnings: string[];
  /** Resolves when `isTrue` holds; looked at with each event and each change of health. */
  until(isTrue: () => boolean): Promise<void>;
  isHealthy(wanted: boolean): Promise<BrokerHealth>;
  onEvent(sink: BrokerEventSink): void;
}

export async function openMqttRig(options: Omit<MqttOptions, 'kind'>): Promise<MqttRig> {
  const events: BrokerEvent[] = [];
  const warnings: string[] = [];
  const told = new EventEmitter().setMaxListeners(0);
  let behind: BrokerEventSink = async () => undefined;
  const broker = createMqttBroker(
    { ...options },
    {
      topics: makeTopics(DEFAULT_TOPICS),
      log: { info: () => undefined, warn: (text) => void warnings.push(text) },
    },
  );
  broker.onHealth(() => told.emit('news'));
  const until = async (isTrue: () => boolean) => {
    while (!isTrue()) await once(told, 'news');
  };
  await broker.open(async (event) => {
    events.push(event);
    told.emit('news');
    try {
      await behind(event);
    } finally {
      told.emit('news');
    }
  });
  return {
    broker,
    events,
    warnings,
    texts: () =>
      events
        .filter((event): event is GatewayMessage => event.type === 'message')
        .map(({ payload }) => payload.toString()),
    until,
    async isHealthy(wanted) {
      await until(() => broker.health().connected === wanted);
      return broker.health();
    },
    onEvent(sink) {
      behind = sink;
    },
  };
}

/** A plain broker in the test, open to all unless the options say otherwise. */
export interface PlainBroker {
  aedes: Aedes;
  port: number;
  url: string;
  /** A gateway, as an ordinary client. */
  gateway(clientId: string): Promise<MqttClient>;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function openPlainBroker(options: AedesOptions = {}): Promise<PlainBroker> {
  const aedes = await Aedes.createBroker(options);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `mqtt://127.0.0.1:${port}`;
  const gateways: MqttClient[] = [];
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    aedes,
    port,
    url,
    async gateway(clientId) {
      const client = await connectAsync(url, {
        clientId,
        protocolVersion: 4,
        reconnectPeriod: 20,
        clean: false,
      });
      client.on('error', () => undefined);
      gateways.push(client);
      return client;
    },
    cut,
    async close() {
      for (const client of gateways) client.end(true);
      cut();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}
