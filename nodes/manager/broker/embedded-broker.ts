import type { Duplex } from 'node:stream';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { BrokerOptions } from '../device-manager.js';
import type { BrokerEventSink } from '../events.js';
import { MAX_ANSWER_BYTES } from '../intake/answer.js';
import type { AuthenticationResult } from '../registry/registry.js';
import { messageOf, TpeError } from '../tpe-error.js';
import type { Broker, BrokerClient } from './broker.js';
import { createHealthTeller } from './health.js';
import { createInOrder } from './in-order.js';
import { type Listeners, openListeners } from './listeners.js';
import { createLoginFailures } from './login-failures.js';
import { filterCovers, type Topics } from './topics.js';

export interface BrokerDependencies {
  topics: Topics;
  /** Rejects when the registry cannot be asked. */
  authenticate(clientid: string, username: string, password: string): Promise<AuthenticationResult>;
  log: { info(text: string): void; warn(text: string): void };
}

interface Session {
  client: Client;
  username: string;
  connectedAt: number;
  ipAddress: string;
  port: number | null;
  keepalive: number;
  /** Why it will end, when we know before it does. */
  endsBecause: string | null;
}

/** What the CONNECT packet said, kept until the client is ready. */
interface Greeting {
  username: string;
  keepalive: number;
}

const NOT_AUTHORIZED = 5;
const BAD_CREDENTIALS = 4;
const SERVER_UNAVAILABLE = 3;
const CONNECT_TIMEOUT_MS = 30_000;
const CLOSE_WITHIN_MS = 2000;
const MAX_WAITING_PER_CLIENT = 1000;
/** Nobody may subscribe to it. */
const TAKEN_TOPIC = '$SYS/tpedm/taken';

/**
 * An MQTT 3.1.1 broker in this process. It lets in who the registry knows, keeps each gateway to its own topics, and
 * acknowledges a message only when the sink has it in the database.
 */
export function createEmbeddedBroker(
  options: Extract<BrokerOptions, { kind: 'embedded' }>,
  { topics, authenticate, log }: BrokerDependencies,
): Broker {
  const health = createHealthTeller({ connected: false, detail: 'not started' });
  const sessions = new Map<string, Session>();
  const greetings = new WeakMap<Client, Greeting>();
  const addresses = new WeakMap<object, string>();
  const loginFailures = createLoginFailures();
  const inOrder = createInOrder();
  const waiting = new Map<string, number>();
  let aedes: Aedes | null = null;
  let listeners: Listeners | null = null;
  let sink: BrokerEventSink = async () => undefined;
  let lastConnectedAt = 0;
  let closing = false;

  /** A session is named by its beginning, so no two may begin in the same ms. */
  function newConnectedAt(): number {
    lastConnectedAt = Math.max(Date.now(), lastConnectedAt + 1);
    return lastConnectedAt;
  }

  function addressOf(client: Client): string {
    return addresses.get(client.conn) ?? 'unknown';
  }

  async function logIn(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<void> {
    const address = addressOf(client);
    if (!username || password === undefined || !client.id)
      throw refusal(BAD_CREDENTIALS, 'username and password needed');
    if (loginFailures.isBlocked(address)) throw refusal(NOT_AUTHORIZED, 'too many failed logins');
    let result: AuthenticationResult;
    try {
      result = await authenticate(client.id, username, password.toString('utf8'));
    } catch (error) {
      log.warn(
        `${quote(client.id)} could not log in, since the registry cannot be asked: ${messageOf(error)}`,
      );
      throw refusal(SERVER_UNAVAILABLE, 'registry unavailable');
    }
    if (result === 'accepted') return;
    loginFailures.failed(address);
    throw refusal(result === 'disabled' ? NOT_AUTHORIZED : BAD_CREDENTIALS, result);
  }

  /** Null when the message may pass, else why it is dropped. */
  function whyNotPublish(clientid: string, packet: PublishPacket): string | null {
    if (packet.payload.length > MAX_ANSWER_BYTES) return `a message of over ${MAX_ANSWER_BYTES} bytes`;
    const allowed = topics.publishFilters(clientid).some((filter) => filterCovers(filter, packet.topic));
    return allowed ? null : `a message on ${quote(packet.topic)}, which is none of its topics`;
  }

  async function take(client: Client, packet: PublishPacket): Promise<void> {
    const count = waiting.get(client.id) ?? 0;
    if (count >= MAX_WAITING_PER_CLIENT)
      throw new TpeError('BUSY', `${MAX_WAITING_PER_CLIENT} messages wait already`);
    waiting.set(client.id, count + 1);
    const event = {
      type: 'message' as const,
      clientid: client.id,
      topic: packet.topic,
      payload: Buffer.from(packet.payload),
      qos: packet.qos,
      retain: packet.retain,
      receivedAt: Date.now(),
      source: 'embedded broker' as const,
    };
    try {
      await inOrder(client.id, () => sink(event));
    } finally {
      const left = (waiting.get(client.id) ?? 1) - 1;
      if (left === 0) waiting.delete(client.id);
      else waiting.set(client.id, left);
    }
  }

  /**
   * aedes writes the PUBACK after this hook: so the message is handed on here. A message that is not ours is
   * acknowledged and dropped, since a gateway publishes what its owner has configured.
   */
  function authorizePublish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    if (client === null) return done(new Error('a will without a client'));
    const fault = whyNotPublish(client.id, packet);
    if (fault !== null) {
      log.warn(`${quote(client.id)} published ${fault}: dropped.`);
      silence(packet);
      return done();
    }
    take(client, packet).then(
      () => {
        silence(packet);
        done();
      },
      (error) => {
        log.warn(
          `A message of ${quote(client.id)} could not be stored, it will be sent again: ${messageOf(error)}`,
        );
        done(error instanceof Error ? error : new Error(messageOf(error)));
      },
    );
  }

  function authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    done: (error: Error | null, subscription?: Subscription | null) => void,
  ): void {
    if (topics.subscribeFilters(client.id).includes(subscription.topic)) return done(null, subscription);
    log.warn(`${quote(client.id)} may not subscribe to ${quote(subscription.topic)}: refused.`);
    done(null, null);
  }

  function tell(clientid: string, event: Parameters<BrokerEventSink>[0]): Promise<void> {
    return inOrder(clientid, () => sink(event)).catch((error) => {
      log.warn(`A ${event.type} of ${quote(clientid)} could not be stored: ${messageOf(error)}`);
    });
  }

  function begin(client: Client): void {
    const greeting = greetings.get(client);
    const stream = client.conn as { remotePort?: number };
    const session: Session = {
      client,
      username: greeting?.username ?? '',
      connectedAt: newConnectedAt(),
      ipAddress: addressOf(client).replace(/^::ffff:/, ''),
      port: stream.remotePort ?? null,
      keepalive: greeting?.keepalive ?? 0,
      endsBecause: null,
    };
    sessions.set(client.id, session);
    void tell(client.id, {
      type: 'connected',
      clientid: client.id,
      connectedAt: session.connectedAt,
      username: session.username,
      ipAddress: session.ipAddress,
      protocolVersion: client.version,
      keepalive: session.keepalive,
      cleanStart: client.clean,
      node: null,
      source: 'embedded broker',
    });
  }

  function finish(client: Client): Promise<void> {
    const session = sessions.get(client.id);
    if (session?.client !== client) return Promise.resolve();
    sessions.delete(client.id);
    const wasPolite = (client as unknown as { _disconnected: boolean })._disconnected;
    return tell(client.id, {
      type: 'disconnected',
      clientid: client.id,
      reason: session.endsBecause ?? (wasPolite ? 'normal' : 'tcp_closed'),
      connectedAt: session.connectedAt,
      disconnectedAt: Math.max(Date.now(), session.connectedAt),
      node: null,
      source: 'embedded broker',
    });
  }

  function endBecause(client: Client, reason: string): void {
    const session = sessions.get(client.id);
    if (session?.client === client) session.endsBecause ??= reason;
  }

  async function createAedes(): Promise<Aedes> {
    const created = await Aedes.createBroker({
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxClientsIdLength: 100,
      preConnect(client, packet, done) {
        greetings.set(client, { username: packet.username ?? '', keepalive: packet.keepalive ?? 0 });
        const isTaken = packet.clientId !== '' && packet.clientId !== undefined;
        done(null, isTaken);
      },
      authenticate(client, username, password, done) {
        logIn(client, username, password).then(
          () => {
            // The new session is let in: the old one of this client id ends now, replaced.
            const old = sessions.get(client.id);
            if (old !== undefined) endBecause(old.client, 'takenover');
            done(null, true);
          },
          (error: AuthenticateError) => done(error, false),
        );
      },
      authorizePublish,
      authorizeSubscribe,
    });
    created.on('clientReady', begin);
    created.on('clientDisconnect', (client) => void finish(client));
    created.on('keepaliveTimeout', (client) => endBecause(client, 'keepalive_timeout'));
    created.on('clientError', (client, error) => endBecause(client, socketWord(error)));
    created.on('connectionError', () => undefined);
    return created;
  }

  function connect(stream: Duplex, address: string): void {
    // aedes listens for errors once it knows the client; before that an error must not end the process.
    stream.on('error', () => undefined);
    addresses.set(stream, address);
    if (closing || aedes === null) stream.destroy();
    else aedes.handle(stream as Parameters<Aedes['handle']>[0]);
  }

  const toClient = (session: Session): BrokerClient => ({
    clientid: session.client.id,
    username: session.username,
    connected: true,
    connectedAt: session.connectedAt,
    ipAddress: session.ipAddress,
    port: session.port,
    protocolVersion: session.client.version,
    keepalive: session.keepalive,
    cleanStart: session.client.clean,
    node: null,
  });

  const publish: Broker['publish'] = async ({ topic, payload }) => {
    const clientid = clientidOf(topics, topic, sessions);
    const session = clientid === null ? undefined : sessions.get(clientid);
    if (session === undefined || !isSubscribed(session.client, topic))
      return { accepted: true, noSubscriber: true };
    return await new Promise((resolve) => {
      const packet = { cmd: 'publish' as const, topic, payload, qos: 1 as const, retain: false, dup: false };
      session.client.publish(packet, (error) => {
        resolve(
          error ? { accepted: false, reason: messageOf(error) } : { accepted: true, noSubscriber: false },
        );
      });
    });
  };

  return {
    kind: 'embedded',
    knowsPresence: true,
    async open(eventSink) {
      sink = eventSink;
      aedes = await createAedes();
      try {
        listeners = await openListeners(options, connect);
      } catch (error) {
        aedes.close();
        throw error;
      }
      health.set({ connected: true, detail: `listening on ${listeners.detail}` });
      log.info(`MQTT broker listening on ${listeners.detail}`);
    },
    publish,
    publishMany: (messages) => Promise.all(messages.map(publish)),
    async listClients(limit, cursor) {
      const clientids = [...sessions.keys()]
        .filter((clientid) => cursor === null || clientid > cursor)
        .sort();
      const page = clientids.slice(0, limit);
      const next = clientids.length > limit ? (page.at(-1) ?? null) : null;
      return { clients: page.map((clientid) => toClient(sessions.get(clientid)!)), next };
    },
    async getClient(clientid) {
      const session = sessions.get(clientid);
      return session === undefined ? null : toClient(session);
    },
    async disconnectClient(clientid) {
      const session = sessions.get(clientid);
      if (session === undefined) return false;
      endBecause(session.client, 'kicked');
      session.client.close();
      return true;
    },
    health: health.now,
    onHealth: health.onChange,
    async close() {
      closing = true;
      health.set({ connected: false, detail: 'closed' });
      const ended = [...sessions.values()].map(({ client }) => {
        endBecause(client, 'server_shutdown');
        return finish(client);
      });
      const listening = listeners?.close();
      const broker = aedes;
      await within(CLOSE_WITHIN_MS, [
        ...ended,
        new Promise<void>((resolve) => (broker === null ? resolve() : broker.close(resolve))),
        listening ?? Promise.resolve(),
      ]);
    },
  };
}

/**
 * aedes goes on to store a retained message and to pass any message to its subscribers: what a gateway says goes to the
 * sink alone, never to another gateway, so nothing is left of it here.
 */
function silence(packet: PublishPacket): void {
  packet.topic = TAKEN_TOPIC;
  packet.payload = '';
  packet.retain = false;
}

function refusal(returnCode: number, text: string): AuthenticateError {
  return Object.assign(new Error(text), { returnCode }) as AuthenticateError;
}

function socketWord(error: Error): string {
  return /too large|exceed|Invalid|parse|header|malformed/i.test(error.message)
    ? 'protocol_error'
    : 'tcp_closed';
}

function isSubscribed(client: Client, topic: string): boolean {
  return topic in (client as unknown as { subscriptions: Record<string, unknown> }).subscriptions;
}

function clientidOf(topics: Topics, topic: string, sessions: ReadonlyMap<string, unknown>): string | null {
  for (const level of topic.split('/')) {
    if (sessions.has(level) && topics.inputTopic(level) === topic) return level;
  }
  return null;
}

async function within(limitMs: number, work: Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.allSettled(work), limit]);
  clearTimeout(timer);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
