import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import { messageOf } from '../../shared/tpe-error.js';
import type { ReturnCode } from './access.js';
import type { Session } from './session.js';

/** The decisions that the MQTT engine leaves to the broker; the engine only speaks the protocol. */
export interface EngineHooks {
  sessionOf(client: Client): Session | undefined;
  /** Decides about a login. Never rejects. */
  admit(session: Session, username: string | undefined, password: Buffer | undefined): Promise<ReturnCode>;
  /** Called when the client was accepted. */
  begin(session: Session): void;
  /** Resolves when the message may be acknowledged. Rejects if the client must send it again. */
  take(session: Session, packet: PublishPacket): Promise<void>;
  maySubscribe(session: Session, filter: string): boolean;
  listen(session: Session, topic: string): void;
  unlisten(session: Session, topic: string): void;
  onFault(text: string): void;
}

const CONNECT_WITHIN_MS = 15_000;
/** The longest client id of the registry in UTF-16 units: 100 characters, each of which may take two. */
const MAX_CLIENT_ID_LENGTH = 200;
const REFUSED_SUBSCRIPTION = 0x80;

/** Starts the MQTT engine aedes with these hooks. */
export async function startEngine(hooks: EngineHooks): Promise<Aedes> {
  const engine = await Aedes.createBroker({
    connectTimeout: CONNECT_WITHIN_MS,
    maxClientsIdLength: MAX_CLIENT_ID_LENGTH,
    preConnect(client, packet, done) {
      const session = hooks.sessionOf(client);
      if (session === undefined) return done(new Error('a connection of nobody'), false);
      greet(session, packet);
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const session = hooks.sessionOf(client);
      if (session === undefined) return done(refusal(3), false);
      void hooks.admit(session, username, password).then((returnCode) => {
        if (returnCode === 0) done(null, true);
        else done(refusal(returnCode), false);
      });
    },
    authorizePublish(client, packet, done) {
      const session = client === null ? undefined : hooks.sessionOf(client);
      if (session === undefined) return done(new Error('a message of nobody'));
      // aedes acknowledges the message after `done`, so it must be stored before.
      hooks.take(session, packet).then(
        () => done(),
        (error: unknown) => {
          session.endReason ??= 'internal_error';
          done(error instanceof Error ? error : new Error(messageOf(error)));
        },
      );
    },
    authorizeSubscribe(client, subscription, done) {
      const session = hooks.sessionOf(client);
      done(null, session && hooks.maySubscribe(session, subscription.topic) ? subscription : null);
    },
  });
  listenTo(engine, hooks);
  return engine;
}

function greet(session: Session, packet: ConnectPacket): void {
  session.clientid = packet.clientId ?? '';
  session.username = packet.username ?? null;
  session.keepalive = packet.keepalive ?? 0;
  session.protocolVersion = packet.protocolVersion ?? 4;
  session.cleanStart = packet.clean ?? true;
  // Sessions are not kept, so the CONNACK must never say "session present".
  packet.clean = true;
}

function listenTo(engine: Aedes, hooks: EngineHooks): void {
  const blame = (client: Client, reason: string) => {
    const session = hooks.sessionOf(client);
    if (session) session.endReason ??= reason;
  };
  // aedes emits this before it sends the CONNACK, so a client that has its CONNACK is in the list already.
  engine.on('client', (client) => {
    const session = hooks.sessionOf(client);
    if (session) hooks.begin(session);
  });
  engine.on('keepaliveTimeout', (client) => blame(client, 'keepalive_timeout'));
  engine.on('clientError', (client, error) => {
    if (isProtocolError(error)) blame(client, 'protocol_error');
  });
  engine.on('subscribe', (subscriptions, client) => {
    const session = hooks.sessionOf(client);
    if (!session || session.isClosed) return;
    for (const { topic, qos } of subscriptions) {
      if ((qos as number) !== REFUSED_SUBSCRIPTION) hooks.listen(session, topic);
    }
  });
  engine.on('unsubscribe', (filters, client) => {
    const session = hooks.sessionOf(client);
    if (session) for (const filter of filters) hooks.unlisten(session, filter);
  });
  (engine as NodeJS.EventEmitter).on('error', (error) => hooks.onFault(`MQTT broker: ${messageOf(error)}`));
}

function refusal(returnCode: ReturnCode): AuthenticateError {
  return Object.assign(new Error(`refused with return code ${returnCode}`), {
    returnCode,
  }) as AuthenticateError;
}

/** True for an error of reading a packet. Errors of the network have a code, or one of two messages of aedes. */
function isProtocolError(error: NodeJS.ErrnoException): boolean {
  return error.code === undefined && !['connection closed', 'drain timeout'].includes(error.message);
}
