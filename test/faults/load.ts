import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { recordedWebhook } from '../support/emqx-recordings.js';
import { patience } from '../support/patience.js';
import { PASSWORD, type Site } from './site.js';

/** What was asked of the site, and what it promised, while the load ran. */
export interface Load {
  /** Request ids that were handed out. */
  readonly commands: ReadonlySet<string>;
  /** Every request id that came to a gateway, as often as it came. */
  readonly received: readonly string[];
  /** The newest connect of each ghost that was acknowledged with 2xx, ms since the epoch. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** How many events were acknowledged. */
  readonly events: () => number;
  /** Nobody comes, goes or asks any more; resolves when all gateways are connected. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

const PAUSE_MS = 20;

/**
 * Gateways that come, go, break off and answer what they are asked; callers that command them over REST; and ghosts, whose
 * webhooks come from the test, so that it knows which were acknowledged.
 */
export function startLoad(site: Site, gateways: readonly string[], ghosts: readonly string[]): Load {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const commands = new Set<string>();
  const received: string[] = [];
  const acknowledged = new Map<string, number>();
  let events = 0;
  const clients = gateways.map((clientid) => openGateway(site, clientid, received));
  const { signal } = stopping;
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);

  async function comeAndGo(client: MqttClient): Promise<void> {
    while (!signal.aborted) {
      await pause(200 + Math.random() * 3000);
      if (Math.random() < 0.5) client.stream.destroy();
      else {
        // DISCONNECT, and whatever was on its way is left behind.
        await client.endAsync(true).catch(() => undefined);
        await pause(Math.random() * 1500);
        client.reconnect();
      }
    }
  }

  async function command(): Promise<void> {
    const { url, token } = site.nodeRed();
    const clientid = gateways[Math.floor(Math.random() * gateways.length)];
    const query = Math.random() < 0.5 ? '?timeout=5' : '?timeout=5&whenOffline=queue&queueFor=10';
    try {
      const response = await fetch(`${url}/api/emqx/clients/${clientid}/message${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ path: '/device/time', method: 'GET' }),
      });
      const { data } = (await response.json()) as { data: { requestId?: string } };
      if (data.requestId !== undefined) commands.add(data.requestId);
    } catch {
      // Killed meanwhile: nothing was promised.
    }
  }

  async function haunt(clientid: string): Promise<void> {
    const body = JSON.parse(recordedWebhook('5.0.26', 'client_connected').body_raw) as object;
    let moment = Date.now();
    while (!signal.aborted) {
      moment += 1;
      const connect = { ...body, clientid, username: clientid, connected_at: moment, timestamp: moment };
      if (await site.post(connect)) {
        acknowledged.set(clientid, moment);
        events += 1;
      } else await pause(5 * PAUSE_MS);
    }
  }

  async function callAgain(): Promise<void> {
    while (!signal.aborted) {
      await command();
      await pause(PAUSE_MS);
    }
  }

  const working = [
    ...clients.map(comeAndGo),
    ...ghosts.map(haunt),
    ...Array.from({ length: 4 }, () => callAgain()),
  ];
  return {
    commands,
    received,
    acknowledged,
    events: () => events,
    async calm() {
      stopping.abort();
      await Promise.all(working);
      while (clients.some((client) => !client.connected)) await delay(PAUSE_MS);
    },
    async close() {
      stopping.abort();
      await Promise.all(clients.map((client) => client.endAsync(true)));
    },
  };
}

/** A gateway that comes back by itself, and answers each request with its own id. */
function openGateway(site: Site, clientid: string, received: string[]): MqttClient {
  const client = connect(site.emqx.mqttUrl, {
    clientId: clientid,
    username: clientid,
    password: PASSWORD,
    protocolVersion: 4,
    reconnectPeriod: 150,
    // EMQX refuses a client id for a moment when its last connection has just broken off.
    reconnectOnConnackError: true,
    connectTimeout: patience(10_000),
  });
  client.on('error', () => undefined);
  client.on('connect', () => void client.subscribe(`/tpedm/${clientid}/input`, { qos: 1 }));
  client.on('message', (_topic, payload) => {
    const { headers } = JSON.parse(payload.toString()) as { headers: Record<string, string>[] };
    const requestId = headers.map((header) => header['request-id']).find((id) => id !== undefined) ?? '';
    received.push(requestId);
    const answer = JSON.stringify({ 'request-id': requestId, state: 200, payload: { data: requestId } });
    client.publish(`/tpedm/${clientid}/output`, answer, { qos: 1 });
  });
  return client;
}
