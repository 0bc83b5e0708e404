import type { Aedes, Client } from 'aedes';
import type { EmbeddedOptions } from '../../broker/options.js';
import type { Topics } from '../../protocol/topics.js';
import { createInOrder } from '../../shared/keyed-queue.js';
import { createInTurns } from '../../shared/limiter.js';
import { createOnceAMinute } from '../../shared/throttled-log.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import type { Broker, BrokerMessage, PublishReceipt } from '../broker.js';
import type { BrokerEvent, BrokerEventSink, LoginRefused } from '../events.js';
import { createHealthTeller, createStartTeller } from '../health.js';
import { REFUSAL_WORDS } from '../refusal-words.js';
import {
  type Authenticate,
  judgeLogin,
  type Login,
  maySubscribe,
  type Refusal,
  type ReturnCode,
  refusal,
  type Verdict,
} from './access.js';
import { CONNECTION_LIMITS, createAdmission } from './admission.js';
import { type EngineHooks, startEngine } from './engine.js';
import { guardStream } from './guarded-stream.js';
import { type Connection, type Listeners, openListeners, type Ports } from './listeners.js';
import { createLoginFailures } from './login-failures.js';
import { takeMessage } from './messages.js';
import { createRefusalLog } from './refusal-log.js';
import { type Session, toBrokerClient, toConnected, toDisconnected } from './session.js';
import { createSessionList } from './session-list.js';

export interface BrokerDependencies {
  topics: Topics;
  /** Whether a client may connect; rejects when the registry cannot be asked. */
  authenticate: Authenticate;
  log: { info(text: string): void; warn(text: string): void };
}

export interface EmbeddedBroker extends Broker {
  /** The ports that are open; null before `open` and after `close`. */
  readonly ports: Ports | null;
}

const CLOSE_WITHIN_MS = 1500;
/** The registry is asked about so many at a time. */
const LOGINS_AT_ONCE = 16;
const MOST_WAITING_LOGINS = 2000;
const LOGIN_PATIENCE_MS = 10_000;
/** What may wait to be sent to a client that does not read, bytes. */
const MOST_UNSENT_BYTES = 1024 * 1024;

/**
 * An MQTT 3.1 and 3.1.1 broker in this process, for gateways alone: it lets in whom the registry knows and keeps each to
 * its own topics. What gateways publish goes to the sink and nowhere else, and is acknowledged when the sink has it.
 * Sessions end with their connection: nothing is kept or queued for a gateway that is away.
 */
export function createEmbeddedBroker(
  options: EmbeddedOptions,
  { topics, authenticate, log }: BrokerDependencies,
  limits = CONNECTION_LIMITS,
): EmbeddedBroker {
  const starts = createStartTeller();
  const health = createHealthTeller({ connected: false, detail: 'not started' });
  const warn = createOnceAMinute(log.warn);
  const logRefusal = createRefusalLog(log.warn);
  const failures = createLoginFailures();
  const inOrder = createInOrder();
  const inTurns = createInTurns(LOGINS_AT_ONCE, MOST_WAITING_LOGINS, LOGIN_PATIENCE_MS);
  const admission = createAdmission(limits, (address, pending) => {
    const text = `More connections wait to log in than there is room for: the oldest of ${address} (${pending}) are closed.`;
    warn('crowded', text);
  });
  const sessions = createSessionList();
  /** Whose turn it is: the latest connection of each client id that was let in, also while it still opens. */
  const holders = new Map<string, Session>();
  const sessionOf = new WeakMap<Client, Session>();
  /** Disconnects that are on their way to the sink: closing waits for them. */
  const lastWords = new Set<Promise<void>>();
  let engine: Aedes | null = null;
  let listeners: Listeners | null = null;
  let sink: BrokerEventSink = async () => undefined;
  let isClosing = false;
  let lastConnectedAt = 0;

  /** A session is named by its beginning, so each begins in a ms of its own. */
  function nextConnectedAt(): number {
    lastConnectedAt = Math.max(Date.now(), lastConnectedAt + 1);
    return lastConnectedAt;
  }

  function tell(event: BrokerEvent & { clientid: string }): Promise<void> {
    return inOrder(event.clientid, async () => sink(event)).catch((error) => {
      warn(
        'presence',
        `That ${JSON.stringify(event.clientid)} ${event.type} could not be stored: ${messageOf(error)}`,
      );
    });
  }

  function accept(connection: Connection): void {
    const guard = guardStream(connection.stream, {
      onGoodbye() {
        session.saidGoodbye = true;
      },
      onTooLarge(bytes) {
        const text = `${nameOf(session)} published ${bytes} bytes, over the limit of 1 MiB: dropped.`;
        warn(`large ${session.clientid}`, text);
      },
      onViolation() {
        session.endReason ??= 'protocol_error';
      },
    });
    const closed = new Promise<void>((resolve) => {
      guard.stream.once('close', () => {
        finish(session);
        resolve();
      });
    });
    const session: Session = {
      connection,
      guard,
      client: engine!.handle(guard.stream),
      clientid: '',
      username: null,
      keepalive: 0,
      protocolVersion: 0,
      cleanStart: true,
      connectedAt: null,
      saidGoodbye: false,
      endReason: null,
      isRefused: false,
      waiting: 0,
      waitingBytes: 0,
      isClosed: false,
      closed,
    };
    sessionOf.set(session.client, session);
    guard.take(connection.first);
    if (isClosing) end(session, 'server_shutdown');
  }

  /** Ends a session for a reason of ours; resolves when its connection is gone. */
  function end(session: Session, reason: string): Promise<void> {
    session.endReason ??= reason;
    session.client.close();
    session.guard.stream.destroy();
    return session.closed;
  }

  async function admit(
    session: Session,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<ReturnCode> {
    const { clientid } = session;
    const { ipAddress } = session.connection;
    const verdict = await judge({ clientid, username, password, ipAddress });
    if (verdict.returnCode !== 0) return refuse(session, verdict);
    if (session.isClosed) return verdict.returnCode;
    if (!session.connection.ticket.logIn()) return refuse(session, refusal('too_many'));
    const old = holders.get(clientid);
    holders.set(clientid, session);
    // The engine closes an old connection too, but two that come at once confuse it.
    if (old !== undefined) await end(old, 'takenover');
    return verdict.returnCode;
  }

  async function judge(login: Login): Promise<Verdict> {
    try {
      return await inTurns(() => judgeLogin(login, authenticate, failures));
    } catch (error) {
      return refusal('unavailable', messageOf(error));
    }
  }

  function refuse(session: Session, { returnCode, reason, detail }: Refusal): ReturnCode {
    const { clientid, username, connection } = session;
    const { ipAddress } = connection;
    connection.ticket.refused();
    const why = detail === undefined ? REFUSAL_WORDS[reason] : `${REFUSAL_WORDS[reason]} (${detail})`;
    const who = username === null ? 'no username' : `username ${JSON.stringify(username.slice(0, 120))}`;
    logRefusal(clientid, ipAddress ?? '', `${nameOf(session)} was not let in: ${why}; ${who}.`);
    const event: LoginRefused = {
      type: 'refused',
      clientid,
      username,
      ipAddress,
      reason,
      at: Date.now(),
      source: 'embedded broker',
    };
    void sink(event).catch(() => undefined);
    return returnCode;
  }

  function begin(session: Session): void {
    if (session.guard.stream.destroyed) return;
    session.guard.release();
    session.connectedAt = nextConnectedAt();
    sessions.add(session);
    void tell(toConnected(session, session.connectedAt));
  }

  function finish(session: Session): void {
    session.isClosed = true;
    if (holders.get(session.clientid) === session) holders.delete(session.clientid);
    if (session.connectedAt === null) return;
    sessions.remove(session);
    const told = tell(toDisconnected(session, session.connectedAt)).finally(() => lastWords.delete(told));
    lastWords.add(told);
  }

  const hooks: EngineHooks = {
    sessionOf: (client) => sessionOf.get(client),
    admit,
    begin,
    take: (session, packet) => takeMessage({ topics, inOrder, warn, sink }, session, packet),
    maySubscribe(session, filter) {
      if (maySubscribe(topics, session.clientid, filter)) return true;
      const shown = JSON.stringify(filter.slice(0, 200));
      warn(`subscribe ${session.clientid}`, `${nameOf(session)} may not subscribe to ${shown}: refused.`);
      return false;
    },
    listen: sessions.listen,
    unlisten: sessions.unlisten,
    onFault: (text) => warn('engine', text),
  };

  function refuseUnlessRunning(): void {
    if (listeners === null || isClosing)
      throw new TpeError('UNAVAILABLE', 'The embedded MQTT broker is not running.');
  }

  const publish = async ({ topic, payload }: BrokerMessage): Promise<PublishReceipt> => {
    if (listeners === null || isClosing)
      return { accepted: false, reason: 'the embedded MQTT broker is not running' };
    const session = sessions.listenerOf(topic);
    if (session === undefined) return { accepted: true, noSubscriber: true };
    if (session.guard.stream.writableLength > MOST_UNSENT_BYTES) {
      return { accepted: false, reason: 'the gateway does not read what it is sent' };
    }
    session.client.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => {});
    return { accepted: true, noSubscriber: false };
  };

  return {
    kind: 'embedded',
    knowsPresence: true,
    get ports() {
      return listeners?.ports ?? null;
    },
    async open(eventSink) {
      sink = eventSink;
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
    // It is one process, this one: its list is the truth, and nothing it tells is lost.
    listNodes: async () => [],
    onNodes: () => undefined,
    onGap: () => undefined,
    canBeAsked: () => true,
    canPublish: () => engine !== null,
    listLagMs: () => 0,
    async getClient(clientid) {
      refuseUnlessRunning();
      const session = sessions.get(clientid);
      return session === undefined ? null : toBrokerClient(session);
    },
    async disconnectClient(clientid) {
      const session = holders.get(clientid);
      if (session === undefined) return false;
      await end(session, 'kicked');
      return true;
    },
    // Only registered gateways are let in.
    lockOut: async () => undefined,
    letIn: async () => undefined,
    health: health.now,
    onHealth: health.onChange,
    onStart: starts.onStart,
    async close() {
      if (isClosing) return;
      isClosing = true;
      health.set({ connected: false, detail: 'closed' });
      const ends = [...holders.values()].map((session) => end(session, 'server_shutdown'));
      await within(
        CLOSE_WITHIN_MS,
        Promise.all(ends).then(() => Promise.all(lastWords)),
      );
      await listeners?.close();
      listeners = null;
      engine?.close();
    },
  };
}

function nameOf(session: Session): string {
  const name = JSON.stringify(session.clientid.slice(0, 120));
  return session.connection.ipAddress === null ? name : `${name} from ${session.connection.ipAddress}`;
}

/** Resolves when the work is done, or when the time is over. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
