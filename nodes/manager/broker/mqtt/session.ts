import { backoffMs, SPREAD_OUT } from '../../shared/backoff.js';
import { createInOrder } from '../../shared/keyed-queue.js';
import { createThrottledLog } from '../../shared/throttled-log.js';
import { createRota } from '../addresses.js';
import type { BrokerMessage, PublishReceipt } from '../broker.js';
import type { BrokerDependencies } from '../dependencies.js';
import type { BrokerEventSink } from '../events.js';
import type { HealthTeller } from '../health.js';
import { type MqttLink, openMqttLink } from './connection.js';
import type { MqttSubscriptions } from './subscriptions.js';
import type { MqttTarget } from './target.js';
import { createVersionChoice } from './version.js';

/** A lasting session with a remote MQTT broker: when a connection ends, the session connects again, to the next address. */
export interface MqttSession {
  /** Begins to connect. Resolves when the first attempt has succeeded or failed. Never rejects. */
  open(sink: BrokerEventSink): Promise<void>;
  /** Null if there is no connection and so nothing was sent, otherwise the receipt as `Broker.publish` gives it. */
  publish(message: BrokerMessage): Promise<PublishReceipt> | null;
  /** Makes the next attempt now and the pauses short again, since the broker is probably back. */
  hurry(): void;
  /** The address that is in use or being tried, without login. */
  place(): string;
  close(): Promise<void>;
}

export interface MqttSessionOptions {
  subscriptions: MqttSubscriptions;
  /** Gets the state of the connection. */
  health: HealthTeller;
  /** Called for each connection; `isTaken` says whether the broker allows the subscription to EMQX's client events. */
  onClientEvents?(isTaken: boolean): void;
}

const BACKOFF = { firstMs: 500, longestMs: 30_000, spread: SPREAD_OUT };
/** After a connection that lasted longer than this, the pauses between attempts begin short again. */
const GOOD_MS = 10_000;
/** After this many connections that the broker cut for the subscription to EMQX's client events, it is not asked for them again. */
const MAX_CUTS = 2;

/** Creates the session. It stays with the first of `targets` until a connection ends or fails, and then goes on to the next. */
export function createMqttSession(
  targets: readonly [MqttTarget, ...MqttTarget[]],
  { subscriptions, health, onClientEvents }: MqttSessionOptions,
  { topics, log }: Pick<BrokerDependencies, 'topics' | 'log'>,
): MqttSession {
  const [first, ...more] = targets;
  // Brokers at different addresses may accept different versions of MQTT.
  const open = (target: MqttTarget) => ({ target, versions: createVersionChoice() });
  const rota = createRota([open(first), ...more.map(open)]);
  const warn = createThrottledLog(log.warn);
  const inOrder = createInOrder();
  let link: MqttLink | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let clientEventCuts = 0;
  let failures = 0;
  let again: (() => void) | null = null;

  function connect(sink: BrokerEventSink): Promise<void> {
    return new Promise((firstOutcome) => {
      let readyAt: number | null = null;
      const { target, versions } = rota.now();
      const { place } = target;
      const wanted = clientEventCuts < MAX_CUTS ? subscriptions : { ...subscriptions, clientEvents: [] };
      link = openMqttLink(target, versions.next(), { topics, sink, inOrder, warn }, wanted, {
        onReady() {
          if (versions.isOnlyATrial()) return void link?.end();
          readyAt = Date.now();
          health.set({ connected: true, detail: `connected to ${place}` });
          firstOutcome();
        },
        onClientEvents(outcome) {
          if (outcome === 'cut') clientEventCuts += 1;
          onClientEvents?.(outcome === 'taken');
        },
        onClosed(why, version) {
          link = null;
          if (versions.ended(version) && !isClosed) {
            // The broker answers and only the version was wrong, so try the other one without a pause.
            void connect(sink).then(firstOutcome);
            return;
          }
          firstOutcome();
          if (isClosed) return;
          health.set({ connected: false, detail: `${place}: ${why}` });
          warn(why, `MQTT broker ${place}: ${why}. Retrying.`);
          failures = readyAt !== null && Date.now() - readyAt > GOOD_MS ? 0 : failures + 1;
          rota.next();
          again = () => {
            clearTimeout(timer);
            again = null;
            void connect(sink);
          };
          // The pause grows only after every address has failed once more.
          timer = setTimeout(again, backoffMs(Math.floor(failures / rota.size), BACKOFF));
        },
      });
    });
  }

  return {
    open: connect,
    publish(message) {
      if (link === null || !health.now().connected) return null;
      return link.publish(message);
    },
    hurry() {
      failures = 0;
      again?.();
    },
    place: () => rota.now().target.place,
    async close() {
      if (isClosed) return;
      again = null;
      isClosed = true;
      clearTimeout(timer);
      health.set({ connected: false, detail: 'closed' });
      await link?.end();
    },
  };
}
