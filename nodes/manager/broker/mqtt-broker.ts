import type { MqttOptions } from '../device-manager.js';
import type { BrokerEventSink } from '../events.js';
import { TpeError } from '../tpe-error.js';
import type { Broker, BrokerMessage, PublishReceipt } from './broker.js';
import type { BrokerDependencies } from './embedded-broker.js';
import { createHealthTeller } from './health.js';
import { createInOrder } from './in-order.js';
import { type MqttLink, openMqttLink } from './mqtt-link.js';
import { type MqttTarget, readMqttTarget } from './mqtt-target.js';
import { createOnceAMinute } from './once-a-minute.js';

const PAUSE_MS = { first: 500, longest: 30_000 };
/** A connection that held so long was a good one: after it the pauses begin anew. */
const GOOD_MS = 10_000;
/** A broker that cuts the connection so often when it is asked for EMQX's client events is not asked again. */
const MOST_REFUSALS = 2;

/**
 * Any MQTT broker: Mosquitto, or EMQX without its REST API. One persistent session takes the answers of all gateways;
 * each is acknowledged when the sink has it. A plain broker does not tell who is connected and has no list, so presence
 * comes from what gateways say; the client events that EMQX publishes on `$SYS` are passed on where they come, but
 * they can be lost while we are away, so they prove nothing.
 */
export function createMqttBroker(
  options: MqttOptions,
  { topics, log }: Pick<BrokerDependencies, 'topics' | 'log'>,
): Broker {
  const health = createHealthTeller({ connected: false, detail: 'not started' });
  const warn = createOnceAMinute(log.warn);
  const inOrder = createInOrder();
  let link: MqttLink | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let clientEventRefusals = 0;
  let failures = 0;

  /** Tries to connect, again and again; resolves when the first attempt has come out. */
  function connect(target: MqttTarget, sink: BrokerEventSink): Promise<void> {
    const { place } = target;
    return new Promise((firstOutcome) => {
      let readyAt: number | null = null;
      link = openMqttLink(target, { topics, sink, inOrder, warn }, clientEventRefusals < MOST_REFUSALS, {
        onReady() {
          readyAt = Date.now();
          health.set({ connected: true, detail: `connected to ${place}` });
          firstOutcome();
        },
        onClientEventsRefused() {
          clientEventRefusals += 1;
        },
        onClosed(why) {
          link = null;
          firstOutcome();
          if (isClosed) return;
          health.set({ connected: false, detail: `${place}: ${why}` });
          warn(why, `MQTT broker ${place}: ${why}. Trying again.`);
          failures = readyAt !== null && Date.now() - readyAt > GOOD_MS ? 0 : failures + 1;
          timer = setTimeout(() => void connect(target, sink), pauseAfter(failures));
        },
      });
    });
  }

  const publish = async (message: BrokerMessage): Promise<PublishReceipt> => {
    // Never kept for later: a request that comes late is not wanted any more.
    if (link === null || !health.now().connected) {
      return { accepted: false, reason: `the MQTT broker is away (${health.now().detail})` };
    }
    return await link.publish(message);
  };

  const cannot = async (): Promise<never> => {
    throw new TpeError(
      'UNAVAILABLE',
      'A plain MQTT broker does not tell who is connected and cannot end a session: that takes EMQX with its REST API.',
    );
  };

  return {
    kind: 'mqtt',
    knowsPresence: false,
    async open(sink) {
      await connect(readMqttTarget(options), sink);
    },
    publish,
    publishMany: (messages) => Promise.all(messages.map(publish)),
    listClients: cannot,
    getClient: cannot,
    disconnectClient: cannot,
    // Who is let in is decided elsewhere.
    lockOut: async () => undefined,
    letIn: async () => undefined,
    health: health.now,
    onHealth: health.onChange,
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      health.set({ connected: false, detail: 'closed' });
      await link?.end();
    },
  };
}

/** Longer with each failure, and never the same for all who lost the same broker; ms. */
function pauseAfter(failures: number): number {
  const longest = Math.min(PAUSE_MS.first * 2 ** failures, PAUSE_MS.longest);
  return longest * (0.5 + Math.random() / 2);
}
