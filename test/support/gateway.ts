import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { patience } from './patience.js';

/** A request as a gateway receives it. */
export interface ReceivedRequest {
  path: string;
  method: string;
  headers: Record<string, string>[];
  requestBody: unknown;
  /** The value of the header `request-id`. */
  requestId: string;
  raw: string;
  qos: number;
  retain: boolean;
}

export interface TestGateway {
  client: MqttClient;
  clientid: string;
  /** The next request that has not been taken yet. */
  nextRequest(): Promise<ReceivedRequest>;
  /** All that came, taken or not. */
  received: ReceivedRequest[];
  /** Publishes on the answer topic; resolves with the PUBACK. */
  answer(requestId: string | number, payload?: unknown, state?: number): Promise<void>;
  publish(topic: string, payload: string | Buffer, retain?: boolean): Promise<void>;
  /** DISCONNECT, then close. */
  leave(): Promise<void>;
  /** The socket dies without a word. */
  cut(): void;
}

export interface GatewayLogin {
  port: number;
  clientid: string;
  username: string;
  password: string;
  options?: IClientOptions;
}

/** Connects an ordinary MQTT 3.1.1 client as a gateway does and subscribes to its request topic. */
export async function connectGateway(login: GatewayLogin): Promise<TestGateway> {
  const { clientid, port } = login;
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: clientid,
    username: login.username,
    password: login.password,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: patience(30_000),
    ...login.options,
  });
  client.on('error', () => undefined);
  const received: ReceivedRequest[] = [];
  const untaken: ReceivedRequest[] = [];
  const takers: ((request: ReceivedRequest) => void)[] = [];
  client.on('message', (_topic, payload, packet) => {
    const raw = payload.toString();
    const body = JSON.parse(raw) as ReceivedRequest;
    const requestId = body.headers.map((header) => header['request-id']).find((id) => id !== undefined) ?? '';
    const request = { ...body, requestId, raw, qos: packet.qos, retain: packet.retain };
    received.push(request);
    const taker = takers.shift();
    if (taker) taker(request);
    else untaken.push(request);
  });
  await client.subscribeAsync(`/tpedm/${clientid}/input`, { qos: 1 });
  return {
    client,
    clientid,
    received,
    nextRequest() {
      const request = untaken.shift();
      return request ? Promise.resolve(request) : new Promise((resolve) => takers.push(resolve));
    },
    async answer(requestId, payload = { data: 'ok' }, state = 200) {
      const body = JSON.stringify({ 'request-id': requestId, state, payload });
      await client.publishAsync(`/tpedm/${clientid}/output`, body, { qos: 1 });
    },
    async publish(topic, payload, retain = false) {
      await client.publishAsync(topic, payload, { qos: 1, retain });
    },
    async leave() {
      await client.endAsync();
    },
    cut: () => client.stream.destroy(),
  };
}

/** What a gateway says of itself. */
export const GENERAL = {
  data: {
    type: 'general',
    description: 'Pump house',
    hostName: 'Moxa',
    modelName: 'UC-8112A-ME-T-LX-EU',
    deviceType: 'gateway',
    serialNumber: 'IMOXA1234567',
    thingsproVersion: '2.2.1-3369',
    firmwareVersion: '1.3',
    biosVersion: '1.0.0S01',
  },
};
