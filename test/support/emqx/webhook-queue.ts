import { setTimeout as sleep } from 'node:timers/promises';
import type { Body } from './webhook-bodies.js';
import type { Answer, PostWebhook } from './webhook-post.js';

/** One event on its way to the webhook. */
export interface Delivery {
  /** `action` of EMQX 4, `event` of EMQX 5 and 6. */
  event: string;
  clientid: string;
  body: Body;
}

/** One request, and how it ended: its HTTP status, or why there was none. */
export interface Attempt extends Delivery {
  status: Answer;
}

export interface WebhookControls {
  /** From now on nothing goes out until `release`. */
  hold(): void;
  held(): readonly Delivery[];
  /**
   * Sends what is held, one after the other, in the order that `arrange` makes of it: turned round, with some of
   * them twice, or without (those are lost). Resolves when the last one is done with.
   */
  release(arrange?: (held: readonly Delivery[]) => readonly Delivery[]): Promise<void>;
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

type Deliver = (delivery: Delivery, isStillWanted: () => boolean) => Promise<void>;

/** The log of all requests, and the gate that tests can shut in front of them. */
function createGate(deliver: Deliver, sent: Attempt[], dropped: Attempt[]) {
  let waiting: { delivery: Delivery; done: () => void }[] | null = null;
  let generation = 0;
  let underWay = 0;
  const idle: (() => void)[] = [];

  const track = async (job: () => Promise<void>) => {
    underWay += 1;
    await job();
    underWay -= 1;
    if (underWay > 0) return;
    for (const resolve of idle.splice(0)) resolve();
  };
  const send = (delivery: Delivery) => {
    const born = generation;
    return deliver(delivery, () => born === generation);
  };
  return {
    sent,
    dropped,
    send: (delivery: Delivery) => track(() => send(delivery)),
    track,
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
    async release(arrange = (held: readonly Delivery[]): readonly Delivery[] => held) {
      const released = waiting ?? [];
      waiting = null;
      const order = arrange(released.map(({ delivery }) => delivery));
      await track(async () => {
        for (const delivery of order) await send(delivery);
      });
      for (const { done } of released) done();
    },
    settled: () =>
      underWay === 0 ? Promise.resolve() : new Promise<void>((resolve) => void idle.push(resolve)),
    forget() {
      generation += 1;
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

export interface BufferOptions {
  /** How long a request that the target may take later waits for its next try, while the connector counts as connected. */
  repeatAfterMs: number;
  /** When nobody listened, nothing goes out before the next look at the health of the connector: so far apart are they. */
  healthCheckMs: number;
  /** How many client events may be under way at once; one keeps them in order, as far as a node can. */
  presenceInFlight: number;
}

/** Messages have a connector of their own, which may overtake the client events and itself. */
const MESSAGES_IN_FLIGHT = 8;
const REQUEST_MS = 15_000;

/**
 * The HTTP action of EMQX 5 and 6: events wait in memory and the client does not wait for them. What the target could
 * not take now (429, 503, no answer) is repeated without end; any other answer but 2xx loses the event.
 */
export function createActionQueue(post: PostWebhook, options: BufferOptions): WebhookQueue {
  const sent: Attempt[] = [];
  const dropped: Attempt[] = [];
  const health = createHealthChecks(options.healthCheckMs);
  const deliver: Deliver = async (delivery, isStillWanted) => {
    while (isStillWanted()) {
      const status = await post(delivery.body, REQUEST_MS);
      const attempt = { ...delivery, status };
      sent.push(attempt);
      if (isTaken(status)) return;
      if (!isWorthRepeating(status)) return void dropped.push(attempt);
      await (status === 'refused' ? health.next() : sleep(options.repeatAfterMs));
    }
  };
  const gate = createGate(deliver, sent, dropped);
  const presence = createLanes(options.presenceInFlight);
  const messages = createLanes(MESSAGES_IN_FLIGHT);
  return {
    ...gate,
    async emit(delivery) {
      const lanes = delivery.event === 'message.publish' ? messages : presence;
      const send = async () => {
        if (gate.isShut()) void gate.wait(delivery);
        else await gate.send(delivery);
      };
      void gate.track(() => lanes.run(send));
    },
  };
}

/** One look at a connector for all that wait for it. */
function createHealthChecks(everyMs: number) {
  let check: Promise<void> | null = null;
  return {
    next(): Promise<void> {
      check ??= sleep(everyMs).then(() => {
        check = null;
      });
      return check;
    },
  };
}

/** Runs at most so many jobs side by side, the others in the order in which they came. */
function createLanes(width: number) {
  const queue: (() => void)[] = [];
  let running = 0;
  return {
    async run(job: () => Promise<void>) {
      if (running >= width) await new Promise<void>((resolve) => void queue.push(resolve));
      else running += 1;
      try {
        await job();
      } finally {
        const next = queue.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}

function isTaken(status: Answer): boolean {
  return typeof status === 'number' && status >= 200 && status < 300;
}

function isWorthRepeating(status: Answer): boolean {
  return typeof status !== 'number' || status === 429 || status === 503;
}
