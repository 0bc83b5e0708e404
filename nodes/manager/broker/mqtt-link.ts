import { Socket } from 'node:net';
import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import { createEnding } from '../ending.js';
import type { BrokerMessage, PublishReceipt } from './broker.js';
import { connectionWords } from './connection-words.js';
import { createMqttIntake, type MqttIntakeTargets } from './mqtt-intake.js';
import { createMqttPublisher } from './mqtt-publisher.js';
import type { MqttSubscriptions } from './mqtt-subscriptions.js';
import type { MqttTarget } from './mqtt-target.js';

/** One connection to a broker, from its attempt to its end. */
export interface MqttLink {
  /** Null when it is not connected, so that nothing was sent. */
  publish(message: BrokerMessage): Promise<PublishReceipt> | null;
  /** Resolves when it is closed: with a DISCONNECT where that is possible at once. */
  end(): Promise<void>;
}

export interface MqttLinkWatcher {
  /** Connected and subscribed. */
  onReady(): void;
  /** The connection is gone, or never came; in words. Told once. */
  onClosed(why: string): void;
  /** What came of asking for EMQX's client events: some brokers cut the connection. */
  onClientEvents(outcome: 'taken' | 'refused' | 'cut'): void;
}

const PUBACK_WITHIN_MS = 10_000;
const GOODBYE_MS = 1000;

/**
 * Makes one attempt to connect. Answers are subscribed to at QoS 1 and acknowledged when the sink has them, many at a
 * time; EMQX's client events are asked for afterwards, since many brokers refuse them.
 */
export function openMqttLink(
  target: MqttTarget,
  targets: MqttIntakeTargets,
  { answers, clientEvents, outdated }: MqttSubscriptions,
  watcher: MqttLinkWatcher,
): MqttLink {
  const ending = createEnding();
  const intake = createMqttIntake(targets, ending.signal);
  const client = connect({ ...target.options });
  const publisher = createMqttPublisher(client, PUBACK_WITHIN_MS);
  let why: string | null = null;
  let asksForClientEvents = false;

  const blame = (error: unknown) => {
    why ??= connectionWords(error);
  };
  client.on('error', blame);
  // mqtt.js tells of the faults that have a code; those of a WebSocket have none.
  client.stream.on('error', blame);
  client.once('close', () => {
    ending.abort();
    publisher.close();
    client.end(true);
    if (asksForClientEvents) watcher.onClientEvents('cut');
    watcher.onClosed(why ?? `the broker closed the connection (is "${target.clientId}" used twice?)`);
  });
  client.once('connect', ({ sessionPresent }) => {
    // A command shall not wait until the broker's system has acknowledged the packet before it: 40 ms each.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    void subscribe(sessionPresent);
  });
  acknowledgeWhenTaken(client, intake.take);
  // It takes the next packet when this calls back.
  client.handleMessage = (_packet, callback) => {
    const room = intake.room();
    if (room === null) callback();
    else void room.then(() => callback());
  };

  async function subscribe(isOldSession: boolean): Promise<void> {
    try {
      if (answers.length > 0) await client.subscribeAsync([...answers], { qos: 1 });
      if (isOldSession && outdated.length > 0) await client.unsubscribeAsync([...outdated]);
    } catch (error) {
      why ??= `the broker refuses the subscription to ${answers.join(', ')}: allow it for this account (${connectionWords(error)})`;
      client.end(true);
      return;
    }
    watcher.onReady();
    if (clientEvents.length > 0) await subscribeToClientEvents();
  }

  async function subscribeToClientEvents(): Promise<void> {
    asksForClientEvents = true;
    const isTaken = await client.subscribeAsync([...clientEvents], { qos: 1 }).then(
      () => true,
      () => false,
    );
    if (!client.connected) return;
    asksForClientEvents = false;
    watcher.onClientEvents(isTaken ? 'taken' : 'refused');
  }

  return {
    publish: (message) => (client.connected ? publisher.publish(message) : null),
    async end() {
      asksForClientEvents = false;
      const closed = client.stream.closed
        ? Promise.resolve()
        : new Promise<void>((resolve) => void client.once('close', () => resolve()));
      const timer = setTimeout(() => client.stream.destroy(), GOODBYE_MS);
      if (client.connected) client.end(false);
      else client.end(true);
      await closed;
      clearTimeout(timer);
    },
  };
}

/**
 * mqtt.js takes one message after the other when it acknowledges them itself, so that each would wait for the commit of
 * the one before, and a PINGRESP for all of them. So it sees QoS 0, and the acknowledgements are written here: in the
 * order of the messages [MQTT-4.6.0-2].
 */
function acknowledgeWhenTaken(client: MqttClient, take: (packet: IPublishPacket) => Promise<boolean>): void {
  const unacknowledged: { messageId: number; isTaken: boolean }[] = [];

  function acknowledge(): void {
    while (unacknowledged[0]?.isTaken) {
      const { messageId } = unacknowledged.shift()!;
      if (client.connected) client.stream.write(Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]));
    }
  }

  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'publish') return;
    const message = { ...packet };
    packet.qos = 0;
    const { messageId } = message;
    if (message.qos === 0 || messageId === undefined) return void take(message);
    const entry = { messageId, isTaken: false };
    unacknowledged.push(entry);
    void take(message).then((isTaken) => {
      entry.isTaken = isTaken;
      acknowledge();
    });
  });
}
