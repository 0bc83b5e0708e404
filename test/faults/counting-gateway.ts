import { setTimeout as delay } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { GENERAL } from '../support/gateway.js';
import { patience } from '../support/patience.js';

/** A request that came to a gateway. */
export interface Received {
  clientid: string;
  requestId: string;
  method: string;
  path: string;
  requestBody: unknown;
  /** By the clock that does not jump, ms. */
  at: number;
  /** When it was answered; null: not yet, or never. */
  answeredAt: number | null;
}

/** What a gateway says to a request, and how late; null: nothing. */
export type Says = (request: Received) => { state?: number; payload?: unknown; afterMs?: number } | null;

/** A gateway that keeps all that it ever received: it outlives the managers. */
export interface CountingGateway {
  clientid: string;
  received: Received[];
  /** What it answers from now on. That about itself it always tells. */
  says: Says;
  /** What it tells about itself. */
  general: () => unknown;
  /** Answers a request that it had not answered. */
  answer(request: Received, state?: number, payload?: unknown): void;
  connected(): boolean;
  /** Goes away, as one that restarts; until `comeBack`. */
  leave(): void;
  comeBack(): void;
  /** Is as at first again, and has received nothing. */
  reset(): void;
  close(): Promise<void>;
}

export interface GatewayOptions {
  url: string;
  clientid: string;
  password: string;
  onReceived(request: Received): void;
}

const OK: Says = () => ({});

export function openCountingGateway({
  url,
  clientid,
  password,
  onReceived,
}: GatewayOptions): CountingGateway {
  const client: MqttClient = connect(url, {
    clientId: clientid,
    username: clientid,
    password,
    protocolVersion: 4,
    reconnectPeriod: 150,
    reconnectOnConnackError: true,
    connectTimeout: patience(10_000),
  });
  const received: Received[] = [];
  let isAway = false;
  const gateway: CountingGateway = {
    clientid,
    received,
    says: OK,
    general: () => GENERAL,
    answer(request, state = 200, payload = { data: 'ok' }) {
      request.answeredAt = performance.now();
      const answer = JSON.stringify({ 'request-id': request.requestId, state, payload });
      client.publish(`/tpedm/${clientid}/output`, answer, { qos: 1 });
    },
    connected: () => client.connected,
    leave() {
      isAway = true;
      client.end(true);
    },
    comeBack() {
      // One that is there would come a second time.
      if (isAway) client.reconnect();
      isAway = false;
    },
    reset() {
      gateway.says = OK;
      gateway.general = () => GENERAL;
      received.length = 0;
      gateway.comeBack();
    },
    async close() {
      await client.endAsync(true);
    },
  };
  client.on('error', () => undefined);
  client.on('connect', () => void client.subscribe(`/tpedm/${clientid}/input`, { qos: 1 }));
  client.on('message', (_topic, text) => {
    const { headers, method, path, requestBody } = JSON.parse(text.toString()) as {
      headers: Record<string, string>[];
    } & Pick<Received, 'method' | 'path' | 'requestBody'>;
    const requestId = headers.map((header) => header['request-id']).find((id) => id !== undefined) ?? '';
    const request: Received = {
      ...{ clientid, requestId, method, path, requestBody, at: performance.now(), answeredAt: null },
    };
    if (path === '/device/general') return gateway.answer(request, 200, gateway.general());
    received.push(request);
    onReceived(request);
    void say(request);
  });

  async function say(request: Received): Promise<void> {
    const said = gateway.says(request);
    if (said === null) return;
    if (said.afterMs !== undefined) await delay(said.afterMs);
    gateway.answer(request, said.state, said.payload);
  }

  return gateway;
}
