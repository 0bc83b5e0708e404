import type { Aedes, Client } from 'aedes';
import type { EmbeddedOptions } from '../../broker/options.js';
import { createInOrder } from '../../shared/keyed-queue.js';
import { createThrottledLog } from '../../shared/throttled-log.js';
import { within } from '../../shared/timeout.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { Broker, BrokerMessage, PublishReceipt } from '../broker.js';
import type { BrokerDependencies } from '../dependencies.js';
import type { BrokerEventSink } from '../events.js';
import { createHealthTeller, createStartTeller } from '../health.js';
import { publishReason } from '../publish-reasons.js';
import { maySubscribe } from './access.js';
import { CONNECTION_LIMITS, createAdmission } from './admission.js';
import { type EngineHooks, startEngine } from './engine.js';
import { type Connection, type Listeners, openListeners, type Ports } from './listeners.js';
import { createAdmit } from './logins.js';
import { takeMessage } from './messages.js';
import { endSession, nameOf, openSession } from './open-session.js';
import { createPresenceEvents } from './presence-events.js';
import { type Session, toBrokerClient } from './session.js';
import { createSessionList, type SessionList } from './session-list.js';

export interface EmbeddedBroker extends Broker {
  /** The ports that are open; null before `open` and after `close`. */
  readonly ports: Ports | null;
}

const CLOSE_WITHIN_MS = 1500;
/** The most bytes that wait to be sent to a client; more are not published to it. */
const MAX_UNSENT_BYTES = 1024 * 1024;

const IN_THIS_PROCESS = {
  kind: 'embedded',
  knowsPresence: true,
  // It runs in this process, so its list is always right and no event is lost.
  listNodes: async () => [],
  onNodes: () => undefined,
  onGap: () => undefined,
  canBeAsked: () => true,
  listLagMs: () => 0,
  // It accepts registered gateways only, so there is nobody to ban.
  ban: async () => undefined,
  unban: async () => undefined,
} satisfies Partial<Broker>;

/**
 * Creates an MQTT 3.1 and 3.1.1 broker in this process, for gateways only. It accepts the gateways of the registry and restricts each to
 * its own topics. What gateways publish goes to the sink and to no other client, and is acknowledged when the sink has it. A session ends
 * with its connection: the broker keeps nothing for a gateway that is offline.
 */
export function createEmbeddedBroker(
  options: EmbeddedOptions,
  { topics, authenticate, log }: BrokerDependencies,
  limits = CONNECTION_LIMITS,
): EmbeddedBroker {
  const starts = createStartTeller();
  const health = createHealthTeller({ connected: false, detail: 'not started' });
  const warn = createThrottledLog(log.warn);
  const inOrder = createInOrder();
  const admission = createAdmission(limits, (...of) => warn('crowded', crowded(...of)));
  const sessions = createSessionList();
  /** The latest accepted connection of each client id, even if its session has not begun yet. */
  const holders = new Map<string, Session>();
  const sessionOf = new WeakMap<Client, Session>();
  let engine: Aedes | null = null;
  let listeners: Listeners | null = null;
  let toSink: BrokerEventSink = async () => undefined;
  const sink: BrokerEventSink = (event) => toSink(event);
  let isClosing = false;
  const events = createPresenceEvents({ inOrder, sink, warn });

  function accept(connection: Connection): void {
    const session = openSession({ engine: engine!, warn, onClosed: finish }, connection);
    sessionOf.set(session.client, session);
    session.guard.take(connection.first);
    if (isClosing) endSession(session, 'server_shutdown');
  }

  function begin(session: Session): void {
    if (session.guard.stream.destroyed) return;
    session.guard.release();
    session.connectedAt = events.nextConnectedAt();
    sessions.add(session);
    events.connected(session, session.connectedAt);
  }

  function finish(session: Session): void {
    session.isClosed = true;
    if (holders.get(session.clientid) === session) holders.delete(session.clientid);
    if (session.connectedAt === null) return;
    sessions.remove(session);
    events.disconnected(session, session.connectedAt);
  }

  const hooks: EngineHooks = {
    sessionOf: (client) => sessionOf.get(client),
    admit: createAdmit({ authenticate, warn: log.warn, sink, holders }),
    begin,
    take: (session, packet) => takeMessage({ topics, inOrder, warn, sink }, session, packet),
    maySubscribe(session, filter) {
      const isAllowed = maySubscribe(topics, session.clientid, filter);
      if (!isAllowed) warn(`subscribe ${session.clientid}`, subscriptionRefused(session, filter));
      return isAllowed;
    },
    listen: sessions.listen,
    unlisten: sessions.unlisten,
    onFault: (text) => warn('engine', text),
  };

  function refuseUnlessRunning(): void {
    if (listeners === null || isClosing)
      throw new TpeError('UNAVAILABLE', 'The embedded MQTT broker is not running.');
  }

  const publish = async (message: BrokerMessage): Promise<PublishReceipt> => {
    if (listeners === null || isClosing)
      return { accepted: false, reason: publishReason('embedded-broker-not-running') };
    return publishTo(sessions, message);
  };

  return {
    ...IN_THIS_PROCESS,
    get ports() {
      return listeners?.ports ?? null;
    },
    async open(eventSink) {
      toSink = eventSink;
      engine = await startEngine(hooks);
      starts.tell(Date.now());
      try {
        listeners = await openListeners(options, admission, accept);
      } catch (error) {
        engine.close();
        throw error;
      }
      health.set({ connected: true, detail: `listening on ${listeners.detail}` });
      log.info(`MQTT broker listening on ${listeners.detail}`);
    },
    publish,
    publishMany: (messages) => Promise.all(messages.map(publish)),
    async listClients(limit, cursor) {
      refuseUnlessRunning();
      return sessions.page(limit, cursor);
    },
    canPublish: () => engine !== null,
    async getClient(clientid) {
      refuseUnlessRunning();
      const session = sessions.get(clientid);
      return session === undefined ? null : toBrokerClient(session);
    },
    disconnectClient: (clientid) => kick(holders.get(clientid)),
    health: health.now,
    onHealth: health.onChange,
    onStart: starts.onStart,
    async close() {
      if (isClosing) return;
      isClosing = true;
      health.set({ connected: false, detail: 'closed' });
      const ends = [...holders.values()].map((session) => endSession(session, 'server_shutdown'));
      const told = Promise.all(ends).then(events.stored);
      await within(CLOSE_WITHIN_MS, told, () => undefined);
      await listeners?.close();
      listeners = null;
      engine?.close();
    },
  };
}

/** Ends a session; false if there is none. */
async function kick(session: Session | undefined): Promise<boolean> {
  if (session === undefined) return false;
  await endSession(session, 'kicked');
  return true;
}

function crowded(address: string, pending: number): string {
  return `Too many connections wait to log in: the oldest of ${address} (${pending}) are closed.`;
}

function subscriptionRefused(session: Session, filter: string): string {
  return `${nameOf(session)} may not subscribe to ${JSON.stringify(filter.slice(0, 200))}: refused.`;
}

/** Publishes at QoS 1 to the one client that listens on the topic. It does not wait until the client acknowledges it. */
function publishTo(
  sessions: Pick<SessionList, 'listenerOf'>,
  { topic, payload }: BrokerMessage,
): PublishReceipt {
  const session = sessions.listenerOf(topic);
  if (session === undefined) return { accepted: true, noSubscriber: true };
  if (session.guard.stream.writableLength > MAX_UNSENT_BYTES) {
    return { accepted: false, reason: publishReason('gateway-does-not-read') };
  }
  session.client.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => {});
  return { accepted: true, noSubscriber: false };
}
