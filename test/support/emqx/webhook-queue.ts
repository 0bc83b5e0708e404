import { setTimeout as sleep } from 'node:timers/promises';
import { createActionBuffer } from './action-buffer.js';
import type { ActionSettings } from './action-settings.js';
import type { Delivery } from './webhook-delivery.js';
import type { Answer, PostWebhook } from './webhook-post.js';

/** One request, and how it ended: its HTTP status, or why there was none; or why none was made any more. */
export interface Attempt extends Delivery {
  status: Answer | 'overflow' | 'expired';
}

export interface WebhookControls {
  /** From now on nothing goes out until `release`. */
  hold(): void;
  held(): readonly Delivery[];
  /**
   * Sends what is held, so many at a time (one without that), in the order that `arrange` makes of it: turned round,
   * with some of them twice, or without (those are lost). Resolves when the last one is done with.
   */
  release(arrange?: (held: readonly Delivery[]) => readonly Delivery[], atOnce?: number): Promise<void>;
  /** Every request that was made, in the order of its end. */
  sent: readonly Attempt[];
  /** What the webhook never took: EMQX has given it up. */
  dropped: readonly Attempt[];
  /** Resolves when nothing is under way any more; what is held does not count. */
  settled(): Promise<void>;
}

export interface WebhookQueue extends WebhookControls {
  /** Resolves when the event is out of the way of who told it. Never rejects. */
  emit(delivery: Delivery): Promise<void>;
  /** What waits is lost, as with the memory of a broker that stops. */
  forget(): void;
}

type Deliver = (delivery: Delivery) => Promise<void>;

/** The log of all requests, and the gate that tests can shut in front of them. */
function createGate(deliver: Deliver, sent: Attempt[], dropped: Attempt[]) {
  let waiting: { delivery: Delivery; done: () => void }[] | null = null;
  let underWay = 0;
  const idle: (() => void)[] = [];

  const track = async (job: () => Promise<void>) => {
    underWay += 1;
    await job();
    underWay -= 1;
    if (underWay > 0) return;
    for (const resolve of idle.splice(0)) resolve();
  };
  return {
    sent,
    dropped,
    send: (delivery: Delivery) => track(() => deliver(delivery)),
    isShut: () => waiting !== null,
    wait: (delivery: Delivery) => new Promise<void>((done) => void waiting?.push({ delivery, done })),
    hold() {
      waiting ??= [];
    },
    held: () => (waiting ?? []).map(({ delivery }) => delivery),
    /** False where it is not held any more. */
    abandon(delivery: Delivery) {
      const index = waiting?.findIndex((held) => held.delivery === delivery) ?? -1;
      return index >= 0 && waiting?.splice(index, 1).length === 1;
    },
    async release(arrange = (held: readonly Delivery[]): readonly Delivery[] => held, atOnce = 1) {
      const released = waiting ?? [];
      waiting = null;
      const order = arrange(released.map(({ delivery }) => delivery)).values();
      const sendRest = async () => {
        for (const delivery of order) await deliver(delivery);
      };
      await track(async () => {
        await Promise.all(Array.from({ length: atOnce }, sendRest));
      });
      for (const { done } of released) done();
    },
    settled: () =>
      underWay === 0 ? Promise.resolve() : new Promise<void>((resolve) => void idle.push(resolve)),
    forget() {
      for (const { done } of waiting?.splice(0) ?? []) done();
    },
  };
}

/**
 * The webhook plugin of EMQX 4: the request is made in the connection of the client, which goes on when it is
 * answered or when its patience is at an end. There is no second try: an event that was not taken is lost.
 */
export function createPluginQueue(post: PostWebhook, patienceMs: number): WebhookQueue {
  const sent: Attempt[] = [];
  const dropped: Attempt[] = [];
  const deliver: Deliver = async (delivery) => {
    const status = await post(delivery.body, patienceMs);
    const attempt = { ...delivery, status };
    sent.push(attempt);
    if (!isTaken(status)) dropped.push(attempt);
  };
  const gate = createGate(deliver, sent, dropped);
  return {
    ...gate,
    async emit(delivery) {
      if (!gate.isShut()) return gate.send(delivery);
      await Promise.race([gate.wait(delivery), sleep(patienceMs, undefined, { ref: false })]);
      if (gate.abandon(delivery)) dropped.push({ ...delivery, status: 'timeout' });
    },
  };
}

export interface ActionQueueOptions {
  presence: ActionSettings;
  messages: ActionSettings;
}

/**
 * The HTTP actions of EMQX 5 and 6, one for client events and one for messages. What the target could not take now (429, 503, no answer) is
 * repeated; any other answer but 2xx loses the event.
 */
export function createActionQueue(post: PostWebhook, options: ActionQueueOptions): WebhookQueue {
  const sent: Attempt[] = [];
  const dropped: Attempt[] = [];
  const attempt = async (delivery: Delivery, withinMs: number) => {
    const status = await post(delivery.body, withinMs);
    const done = { ...delivery, status };
    sent.push(done);
    if (isTaken(status)) return 'over';
    if (isWorthRepeating(status)) return 'later';
    dropped.push(done);
    return 'over';
  };
  const bufferOf = (settings: ActionSettings) =>
    createActionBuffer({
      ...settings,
      attempt,
      onDropped: (delivery, status) => void dropped.push({ ...delivery, status }),
    });
  const presence = bufferOf(options.presence);
  const messages = bufferOf(options.messages);
  const add = (delivery: Delivery) =>
    (delivery.event === 'message.publish' ? messages : presence).add(delivery);
  const gate = createGate(add, sent, dropped);
  return {
    ...gate,
    async emit(delivery) {
      if (gate.isShut()) void gate.wait(delivery);
      else void gate.send(delivery);
    },
    forget() {
      gate.forget();
      presence.forget();
      messages.forget();
    },
  };
}

function isTaken(status: Answer): boolean {
  return typeof status === 'number' && status >= 200 && status < 300;
}

function isWorthRepeating(status: Answer): boolean {
  return typeof status !== 'number' || status === 429 || status === 503;
}
