import type { PublishPacket } from 'aedes';
import type { Topics } from '../../protocol/topics.js';
import type { InOrder } from '../../shared/keyed-queue.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { BrokerEventSink } from '../events.js';
import { mayPublish } from './access.js';
import { NOWHERE } from './frames.js';
import type { Session } from './session.js';

export interface MessageTargets {
  topics: Topics;
  sink: BrokerEventSink;
  inOrder: InOrder;
  /** Logs a warning, but only from time to time for one subject. */
  warn(subject: string, text: string): void;
}

/** The most messages of one client that wait for the sink. The broker reads no more from it until the sink has taken some. */
const MAX_WAITING = 100;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const NO_BYTES = Buffer.alloc(0);

/**
 * Gives a message of a client to the sink, in the client's order. Resolves when it may be acknowledged, because it is stored or was not
 * wanted. Rejects if the client must send it again; then each later message of QoS 1 or 2 in this session is rejected too.
 */
export async function takeMessage(
  targets: MessageTargets,
  session: Session,
  packet: PublishPacket,
): Promise<void> {
  const { clientid } = session;
  const isWanted = mayPublish(targets.topics, clientid, packet.topic);
  if (!isWanted && packet.topic !== NOWHERE) {
    const topic = JSON.stringify(packet.topic.slice(0, 200));
    targets.warn(`publish ${clientid}`, `${quote(clientid)} may not publish on ${topic}: dropped.`);
  }
  const event = {
    type: 'message' as const,
    clientid,
    topic: packet.topic,
    payload: Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload),
    qos: packet.qos,
    retain: packet.retain,
    receivedAt: Date.now(),
    source: 'embedded broker' as const,
  };
  neutralise(packet);
  const bytes = event.payload.length;
  begin(session, bytes);
  try {
    // A message that is dropped waits for its turn too, so that acknowledgements keep the order of the messages.
    await targets.inOrder(clientid, async () => {
      if (session.isRefused && event.qos > 0) throw new Error('a message before it was not stored');
      if (isWanted) await targets.sink(event);
    });
  } catch (error) {
    const loss = event.qos === 0 ? 'is lost' : 'will be sent again';
    targets.warn(
      `store ${clientid}`,
      `A message of ${quote(clientid)} could not be stored and ${loss}: ${messageOf(error)}`,
    );
    if (event.qos === 0) return;
    session.isRefused = true;
    throw error;
  } finally {
    end(session, bytes);
  }
}

/**
 * Keeps the MQTT engine from delivering a message, which is for the sink only: on this topic it finds no subscriber, retains nothing, and
 * holds no payload during a QoS 2 handshake.
 */
function neutralise(packet: PublishPacket): void {
  packet.topic = NOWHERE;
  packet.payload = NO_BYTES;
  packet.retain = false;
}

function begin(session: Session, bytes: number): void {
  session.waiting += 1;
  session.waitingBytes += bytes;
  if (session.waiting >= MAX_WAITING || session.waitingBytes >= MAX_WAITING_BYTES) session.guard.hold();
}

function end(session: Session, bytes: number): void {
  session.waiting -= 1;
  session.waitingBytes -= bytes;
  const isCalm = session.waiting < MAX_WAITING / 2 && session.waitingBytes < MAX_WAITING_BYTES / 2;
  if (isCalm && session.guard.isHeld()) session.guard.release();
}

function quote(clientid: string): string {
  return JSON.stringify(clientid);
}
