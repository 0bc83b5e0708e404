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

/** A session with a remote MQTT broker that is kept up: each connection that ends is followed by the next, to the next address. */
export interface MqttSession {
  /** Begins; resolves when the first attempt has come out. Never rejects. */
  open(sink: BrokerEventSink): Promise<void>;
  /** Null when there is no connection, so that nothing was sent; else the receipt, as `Broker.publish` gives it. */
  publish(message: BrokerMessage): Promise<PublishReceipt> | null;
  /** There is reason to think that the broker is back: the next attempt is made now, and those after it soon. */
  hurry(): void;
  /** The address that is spoken to, or tried, now. */
  place(): string;
  close(): Promise<void>;
}

export interface MqttSessionOptions {
  subscriptions: MqttSubscriptions;
  /** Called with the state of the connection, in words. */
  health: HealthTeller;
  /** Called for each connection: whether the broker allows EMQX's client events. */
  onClientEvents?(isTaken: boolean): void;
}

const BACKOFF = { firstMs: 500, longestMs: 30_000, spread: SPREAD_OUT };
/** A connection that held so long was a good one: after it the pauses begin anew. */
const GOOD_MS = 10_000;
/** A broker that cuts the connection so often when it is asked for EMQX's client events is not asked again. */
const MAX_CUTS = 2;

export function createMqttSession(
  targets: readonly [MqttTarget, ...MqttTarget[]],
  { subscriptions, health, onClientEvents }: MqttSessionOptions,
  { topics, log }: Pick<BrokerDependencies, 'topics' | 'log'>,
): MqttSession {
  const [first, ...more] = targets;
  // Brokers at several addresses may differ: what one of them takes says nothing of the others.
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
            // Nothing is wrong but the version: the next attempt is part of this one.
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
          // Only when none of them was there is it time to be patient.
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
