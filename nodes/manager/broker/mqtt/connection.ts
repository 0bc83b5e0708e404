import { Socket } from 'node:net';
import { connect, type IPublishPacket, type MqttClient, type Packet } from 'mqtt';
import { createEnding } from '../../shared/ending.js';
import type { BrokerMessage, PublishReceipt } from '../broker.js';
import { connectionWords, farewellWords } from '../connection-errors.js';
import { type BrokerLimits, createMqttPublisher, NO_LIMITS } from './publisher.js';
import { createMqttIntake, type MqttIntakeTargets } from './receiver.js';
import type { MqttSubscriptions } from './subscriptions.js';
import { type MqttTarget, type MqttVersion, optionsIn } from './target.js';

/** One connection to a broker, from the attempt to connect to its end. */
export interface MqttLink {
  /** Null if it is not connected and so nothing was sent. */
  publish(message: BrokerMessage): Promise<PublishReceipt> | null;
  /** Ends the connection, with a DISCONNECT if it is connected. Resolves when it is closed. */
  end(): Promise<void>;
}

export interface MqttLinkWatcher {
  /** Called when it is connected and subscribed. */
  onReady(): void;
  /** Called once, when the connection has ended or could not be made; `why` is for a person. */
  onClosed(why: string, version: VersionOutcome): void;
  /** Called with how the broker took the subscription to EMQX's client events: some brokers cut the connection for it. */
  onClientEvents(outcome: 'taken' | 'refused' | 'cut'): void;
}

/**
 * How the broker took the version of MQTT in CONNECT:
 * - `answered`: it sent a CONNACK and did not refuse the version;
 * - `refused`: it refused the version, or answered in another one;
 * - `unheard`: it closed the connection without an answer;
 * - `unreached`: no connection was made.
 */
export type VersionOutcome = 'answered' | 'refused' | 'unheard' | 'unreached';

/** "Unacceptable protocol version" of MQTT 3.1.1, "unsupported protocol version" of MQTT 5. */
const REFUSES_VERSION: readonly unknown[] = [1, 132];
/** The length of a CONNACK of MQTT 3.1.1 in bytes; one of MQTT 5 is longer. */
const MAX_OF_OLD_CONNACK = 2;
const PUBACK_WITHIN_MS = 10_000;
const GOODBYE_MS = 1000;
/** mqtt.js has words for each step of each packet, and makes them ready also when nobody asked for them by DEBUG=mqttjs*. */
const UNLOGGED = process.env.DEBUG === undefined ? { log: () => undefined } : {};

/**
 * Makes one attempt to connect. Subscribes to answers at QoS 1 and acknowledges each when the sink has it, many at a time. Subscribes to
 * EMQX's client events after that, since many brokers refuse them.
 */
export function openMqttLink(
  target: MqttTarget,
  version: MqttVersion,
  targets: MqttIntakeTargets,
  { answers, clientEvents, outdated }: MqttSubscriptions,
  watcher: MqttLinkWatcher,
): MqttLink {
  const ending = createEnding();
  const intake = createMqttIntake(targets, ending.signal);
  const client = connect({ ...optionsIn(version, target), ...UNLOGGED });
  let limits: BrokerLimits = NO_LIMITS;
  const publisher = createMqttPublisher(client, PUBACK_WITHIN_MS, () => limits);
  let why: string | null = null;
  let outcome: VersionOutcome = 'unreached';
  let asksForClientEvents = false;
  let isEnding = false;

  const blame = (error: unknown) => {
    why ??= connectionWords(error);
  };
  client.on('error', (error) => {
    if (REFUSES_VERSION.includes((error as { code?: unknown }).code)) outcome = 'refused';
    blame(error);
  });
  client.stream.once(target.options.protocol === 'mqtts' ? 'secureConnect' : 'connect', () => {
    outcome = 'unheard';
  });
  client.on('packetreceive', (packet: Packet) => {
    if (packet.cmd !== 'connack') return;
    outcome = 'answered';
    if (version === 4 || (packet.length ?? MAX_OF_OLD_CONNACK + 1) > MAX_OF_OLD_CONNACK) return;
    // A broker of MQTT 3.1.1 has accepted our CONNECT of MQTT 5, and would misread the packets that follow.
    outcome = 'refused';
    client.stream.destroy();
  });
  client.on('disconnect', ({ reasonCode, properties }) => {
    why ??= farewellWords(reasonCode, properties?.reasonString);
  });
  // mqtt.js only reports errors with a code, which those of a WebSocket do not have.
  client.stream.on('error', blame);
  client.once('close', () => {
    ending.abort();
    publisher.close();
    client.end(true);
    if (asksForClientEvents) watcher.onClientEvents('cut');
    watcher.onClosed(
      why ?? `the broker closed the connection (is "${target.clientId}" used twice?)`,
      outcome,
    );
  });
  client.once('connect', ({ sessionPresent, properties }) => {
    limits = {
      receiveMaximum: properties?.receiveMaximum ?? null,
      maximumPacketSize: properties?.maximumPacketSize ?? null,
    };
    // Without this a command waits, for about 40 ms, until TCP at the other end has acknowledged the packet before it.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    void subscribe(sessionPresent);
  });
  acknowledgeWhenTaken(client, intake.take);
  // mqtt.js reads the next packet only after the callback, so this stops the reading while the intake is full.
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
    if (clientEvents.length > 0 && !isEnding) await subscribeToClientEvents();
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
      isEnding = true;
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
 * Acknowledges messages when they are taken, in their order [MQTT-4.6.0-2]. If mqtt.js did it, each message would wait until the one
 * before is committed, and a PINGRESP until all are. So mqtt.js is made to see QoS 0.
 */
function acknowledgeWhenTaken(client: MqttClient, take: (packet: IPublishPacket) => Promise<boolean>): void {
  const unacknowledged: { messageId: number; isTaken: boolean }[] = [];
  let isDue = false;

  /** Messages that one commit has stored are taken in one turn, and acknowledged by one packet of TCP. */
  function acknowledgeSoon(): void {
    if (isDue) return;
    isDue = true;
    process.nextTick(acknowledge);
  }

  function acknowledge(): void {
    isDue = false;
    const packets: number[] = [];
    while (unacknowledged[0]?.isTaken) {
      const { messageId } = unacknowledged.shift()!;
      packets.push(0x40, 2, messageId >> 8, messageId & 0xff);
    }
    if (packets.length > 0 && client.connected) client.stream.write(Buffer.from(packets));
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
      acknowledgeSoon();
    });
  });
}
