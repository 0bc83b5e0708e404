import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import {
  type GatewayIdentity,
  virtualIdentities,
} from '../../../nodes/manager/gateway-simulator/identity.js';
import {
  type Simulator,
  type SimulatorOptions,
  type SimulatorStatus,
  startSimulator,
} from '../../../nodes/manager/gateway-simulator/simulator.js';
import { parseAnswer } from '../../../nodes/manager/protocol/answer.js';
import { expiryText } from '../../../nodes/manager/protocol/request.js';
import { freePort } from '../../support/free-port.js';

/** An MQTT broker of others: it knows nothing of the manager. */
export interface TestBroker {
  port: number;
  /** Client ids that get in only with this password. */
  passwords: Map<string, string>;
  /** Resolves when only so many clients are connected. */
  untilClients(count: number): Promise<void>;
  /** Resolves when this client has subscribed. */
  untilClient(clientid: string): Promise<void>;
  close(): Promise<void>;
}

/** What a gateway published, as it came and as the manager reads it. */
export interface Heard {
  topic: string;
  raw: string;
  retain: boolean;
  qos: number;
  requestId: string | null;
  status: number | null;
  payload: unknown;
}

export interface Fleet {
  broker: TestBroker;
  simulator: Simulator;
  /** Sends a request and resolves with its answer: the next thing of this gateway that bears no other request's id. */
  ask(clientid: string, method: string, path: string, requestBody?: unknown): Promise<Heard>;
  /** Sends any bytes to the request topic. */
  tell(clientid: string, text: string): void;
  /** What this gateway publishes next. */
  next(clientid: string): Promise<Heard>;
  /** Whatever was expected of this gateway is not any more. */
  forget(clientid: string): void;
  /** Resolves when the simulator's status is so. */
  until(condition: (status: SimulatorStatus) => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function openBroker(port = 0): Promise<TestBroker> {
  const passwords = new Map<string, string>();
  const aedes = await Aedes.createBroker();
  aedes.authenticate = (client, _username, password, done) => {
    const expected = passwords.get(client.id);
    done(null, expected === undefined || expected === password?.toString());
  };
  const server: Server = createServer({ noDelay: true }, aedes.handle);
  server.listen(port || (await freePort()), '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    passwords,
    async untilClients(count) {
      while (aedes.connectedClients !== count) await once(aedes, 'clientDisconnect');
    },
    untilClient(clientid) {
      return new Promise((resolve) => {
        aedes.on('subscribe', (_subscriptions, client) => {
          if (client.id === clientid) resolve();
        });
      });
    },
    async close() {
      server.close();
      await new Promise<void>((done) => aedes.close(() => done()));
    },
  };
}

/** Starts a broker and virtual gateways on it; resolves when all of them can be asked. */
export async function startFleet(
  gateways: number | readonly GatewayIdentity[],
  options: Partial<SimulatorOptions> = {},
): Promise<Fleet> {
  const identities = typeof gateways === 'number' ? virtualIdentities(gateways) : gateways;
  const broker = await openBroker();
  for (const { clientid } of identities) broker.passwords.set(clientid, 'right');
  const conditions = new Set<(status: SimulatorStatus) => void>();
  const simulator = startSimulator({
    // The manager's login is no business of the gateways.
    url: `mqtt://manager:secret@127.0.0.1:${broker.port}`,
    inputTopic: '/tpedm/{clientid}/input',
    outputTopic: '/tpedm/{clientid}/output',
    latencyMs: [0, 5],
    rebootMs: 100,
    retryMs: 60,
    onChange: (status) => {
      for (const check of conditions) check(status);
    },
    ...options,
    gateways: identities.map((identity) => ({ identity, username: identity.clientid, password: 'right' })),
  });
  const until = (condition: (status: SimulatorStatus) => boolean) =>
    new Promise<void>((resolve) => {
      const check = (status: SimulatorStatus) => {
        if (!condition(status)) return;
        conditions.delete(check);
        resolve();
      };
      conditions.add(check);
      check(simulator.status());
    });
  const asker = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    protocolVersion: 4,
    reconnectPeriod: 50,
  });
  (asker.stream as Socket).setNoDelay(true);
  const { next, forget } = await listen(asker);
  await until(({ connected, total }) => connected === total);
  let asked = 1_650_172_027_040;
  const tell = (clientid: string, text: string) => {
    asker.publish(`/tpedm/${clientid}/input`, text, { qos: 1 });
  };
  return {
    broker,
    simulator,
    until,
    next,
    forget,
    tell,
    async ask(clientid, method, path, requestBody) {
      asked += 1;
      const requestId = String(asked);
      tell(clientid, requestText({ method, path, requestBody, requestId }));
      for (;;) {
        const heard = await next(clientid);
        if (heard.requestId === null || ['-1', requestId].includes(heard.requestId)) return heard;
      }
    },
    async stop() {
      await asker.endAsync(true);
      await simulator.stop();
      await broker.close();
    },
  };
}

/** A request as TPE takes it; `expiry` and `headers` may be anything. */
export function requestText(request: {
  method: string;
  path: string;
  requestBody?: unknown;
  requestId?: unknown;
  expiry?: unknown;
  headers?: unknown;
}): string {
  const expiry = request.expiry ?? expiryText(Date.now() + 60_000);
  return JSON.stringify({
    path: request.path,
    method: request.method,
    headers: request.headers ?? [
      { 'request-expired-time': expiry },
      { 'request-id': request.requestId ?? '4711' },
    ],
    requestBody: request.requestBody ?? {},
  });
}

async function listen(client: MqttClient): Promise<Pick<Fleet, 'next' | 'forget'>> {
  const waiting = new Map<string, ((heard: Heard) => void)[]>();
  const untaken = new Map<string, Heard[]>();
  const of = <T>(map: Map<string, T[]>, key: string) => map.get(key) ?? map.set(key, []).get(key)!;
  client.on('message', (topic, bytes, { retain, qos }) => {
    // Requests pass by here too.
    if (topic.endsWith('/input')) return;
    const clientid = topic.split('/')[2]!;
    const parsed = parseAnswer(bytes);
    const heard: Heard = {
      topic,
      raw: bytes.toString(),
      retain,
      qos,
      requestId: parsed.ok ? parsed.requestId : null,
      status: parsed.ok ? parsed.answer.status : null,
      payload: parsed.ok ? parsed.answer.payload : null,
    };
    const taker = of(waiting, clientid).shift();
    if (taker) taker(heard);
    else of(untaken, clientid).push(heard);
  });
  await client.subscribeAsync('/tpedm/+/#', { qos: 1 });
  return {
    async next(clientid) {
      const heard = of(untaken, clientid).shift();
      return heard ?? (await new Promise<Heard>((resolve) => of(waiting, clientid).push(resolve)));
    },
    forget(clientid) {
      waiting.delete(clientid);
      untaken.delete(clientid);
    },
  };
}
