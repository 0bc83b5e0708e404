import type { BrokerEvent, BrokerEventSink } from '../broker/events.js';
import type { PayloadReading } from '../broker/options.js';
import { isUnavailable } from '../database/unavailable.js';
import { backoffMs } from '../shared/backoff.js';
import { createDeadlines } from '../shared/deadlines.js';
import { createEnding } from '../shared/ending.js';
import { createInOrder } from '../shared/keyed-queue.js';
import { pause } from '../shared/pause.js';
import { within } from '../shared/timeout.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { readWebhook } from './emqx-webhook.js';
import { createWebhookCounter, type WebhookCounts } from './webhook-counts.js';

export interface WebhookReceiverOptions {
  sink: BrokerEventSink;
  payloads: PayloadReading;
  /** Called for events that cannot be read or stored; the text names the fault, never a secret. */
  onFault(text: string): void;
}

export interface WebhookTaken {
  outcome: 'taken' | 'ignored';
  /** EMQX's name of the event. */
  action: string;
}

/** Takes the webhooks of EMQX. */
export interface WebhookReceiver {
  /**
   * Takes a webhook body, parsed from JSON; resolves when its event is in the database, or is ignored. `secret` says which secret
   * the request had, for the counts.
   *
   * Rejects with INVALID_INPUT, naming field and rule, for an invalid body; with UNAVAILABLE when the database takes too long,
   * while the event is kept and written as soon as possible; with BUSY when too many events wait already; with CLOSED after
   * close; and with the database's own error for an event that it refuses.
   */
  take(body: unknown, secret?: 'present' | 'previous'): Promise<WebhookTaken>;
  counts(): WebhookCounts;
  /** Takes nothing more, and gives waiting events a moment to be written. */
  close(): Promise<void>;
}

export interface WebhookLimits {
  /** How long a webhook waits for the database, ms. EMQX 4 blocks the gateway's connection meanwhile, and gives up after 5 s. */
  patienceMs: number;
  /** The most events that may wait for the database. */
  waiting: number;
  waitingBytes: number;
  /** How many message ids are remembered, to recognise them when EMQX 5 repeats a request that got no answer. */
  recentIds: number;
  /** How long close waits for events to be written, ms. */
  closeMs: number;
}

const LIMITS: WebhookLimits = {
  patienceMs: 2000,
  waiting: 10_000,
  waitingBytes: 64 * 1024 * 1024,
  recentIds: 10_000,
  closeMs: 2000,
};
const BACKOFF = { firstMs: 200, longestMs: 5000 };
/** The approximate size of an event without payload and topic. */
const EVENT_BYTES = 1024;

/**
 * Creates the receiver, which loses no webhook while the database is away. EMQX 4 never retries, so an event that was answered
 * with 503 is kept and written later. EMQX 5 does retry, and the repeated event is recognised as waiting or written.
 */
export function createWebhookReceiver(
  options: WebhookReceiverOptions,
  limits: WebhookLimits = LIMITS,
): WebhookReceiver {
  const counter = createWebhookCounter();
  const inOrder = createInOrder();
  const patience = createDeadlines(limits.patienceMs);
  const waiting = new Set<Promise<void>>();
  const waitingByKey = new Map<string, Promise<void>>();
  const recentMessages = createRecent(limits.recentIds);
  const closing = createEnding();
  const offer = createOffer(options, closing.signal);
  let waitingBytes = 0;
  let isClosed = false;

  /** Starts to store the event; the promise counts as waiting until it has settled. Throws BUSY when there is no room. */
  function store(event: BrokerEvent, key: string | null): Promise<void> {
    const bytes = sizeOf(event);
    if (waiting.size >= limits.waiting || waitingBytes + bytes > limits.waitingBytes) {
      counter.outcome('refused');
      throw new TpeError('BUSY', `${waiting.size} webhooks wait for the database; try again in a moment.`);
    }
    waitingBytes += bytes;
    const forget = () => {
      waitingBytes -= bytes;
      waiting.delete(stored);
      if (key !== null) waitingByKey.delete(key);
    };
    const stored = inOrder(subjectOf(event), () => offer(event)).then(
      () => {
        forget();
        counter.outcome('taken');
        if (key !== null && event.type === 'message') recentMessages.add(key);
      },
      (error: unknown) => {
        forget();
        counter.outcome('failed');
        options.onFault(`A webhook of ${JSON.stringify(subjectOf(event))} is lost: ${messageOf(error)}`);
        throw error;
      },
    );
    waiting.add(stored);
    if (key !== null) waitingByKey.set(key, stored);
    return stored;
  }

  function untilStored(stored: Promise<void>, taken: WebhookTaken): Promise<WebhookTaken> {
    return new Promise((resolve, reject) => {
      const inTime = patience(() => {
        counter.outcome('late');
        reject(new TpeError('UNAVAILABLE', 'The database is slow or unavailable: the event is kept.'));
      });
      stored.then(
        () => {
          inTime();
          resolve(taken);
        },
        (error: unknown) => {
          inTime();
          reject(error);
        },
      );
    });
  }

  /** Takes a body at once, up to the wait for the database. */
  function takeBody(body: unknown, secret: 'present' | 'previous'): Promise<WebhookTaken> {
    if (isClosed) throw new TpeError('CLOSED', 'The device manager is closing.');
    if (secret === 'previous') counter.previousSecret();
    const read = readWebhook(body, options.payloads);
    if (read.kind === 'fault') {
      counter.outcome('refused');
      options.onFault(read.fault);
      throw new TpeError('INVALID_INPUT', read.fault, { field: read.field });
    }
    const { action } = read;
    counter.action(action);
    if (read.kind === 'ignored') {
      counter.outcome('ignored');
      return Promise.resolve({ outcome: 'ignored', action });
    }
    const taken: WebhookTaken = { outcome: 'taken', action };
    const key = keyOf(read.event, read.id);
    const before = key === null ? undefined : waitingByKey.get(key);
    const isRepeated = before !== undefined || (key !== null && recentMessages.has(key));
    if (!isRepeated) return untilStored(store(read.event, key), taken);
    counter.outcome('repeated');
    return before === undefined ? Promise.resolve(taken) : untilStored(before, taken);
  }

  return {
    take(body, secret = 'present') {
      // No async function, which would keep the body in memory until the event is written.
      try {
        return takeBody(body, secret);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    counts: () => counter.counts(waiting.size),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await within(limits.closeMs, Promise.allSettled(waiting), () => undefined);
      closing.abort();
    },
  };
}

/**
 * Creates a function that hands an event to the sink until it is taken. It rejects with errors that no retry can fix, and once `closing` is
 * aborted.
 */
function createOffer(
  { sink, onFault }: WebhookReceiverOptions,
  closing: AbortSignal,
): (event: BrokerEvent) => Promise<void> {
  async function again(event: BrokerEvent, first: unknown): Promise<void> {
    let error = first;
    for (let failures = 0; ; failures += 1) {
      if (closing.aborted || !mayPass(error)) throw error;
      onFault(`A webhook waits for the database: ${messageOf(error)}`);
      await pause(backoffMs(failures, BACKOFF), { signal: closing });
      try {
        return await sink(event);
      } catch (next) {
        error = next;
      }
    }
  }

  // Most events are taken at once, without an async function.
  return (event) => {
    try {
      return sink(event).catch((error: unknown) => again(event, error));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** Whether a retry of the same event can succeed. */
function mayPass(error: unknown): boolean {
  return isUnavailable(error) || (error instanceof TpeError && error.code === 'BUSY');
}

/** The key of the queue for the event, so that events of one gateway are stored in order of arrival. */
function subjectOf(event: BrokerEvent): string {
  return event.clientid ?? (event.type === 'message' ? event.topic : '');
}

/** A key that is equal for repetitions of the same event; null if they cannot be recognised. */
function keyOf(event: BrokerEvent, id: string | null): string | null {
  switch (event.type) {
    case 'connected':
      return `connected ${event.connectedAt} ${event.clientid}`;
    case 'disconnected':
      return `disconnected ${event.connectedAt} ${event.disconnectedAt} ${event.clientid}`;
    case 'refused':
      return null;
    case 'message':
      return id === null ? null : `message ${id}`;
  }
}

function sizeOf(event: BrokerEvent): number {
  return EVENT_BYTES + (event.type === 'message' ? event.payload.length + event.topic.length : 0);
}

/** Remembers the last `most` keys. */
function createRecent(most: number): { add(key: string): void; has(key: string): boolean } {
  const keys = new Set<string>();
  return {
    add(key) {
      keys.add(key);
      const [oldest] = keys;
      if (keys.size > most && oldest !== undefined) keys.delete(oldest);
    },
    has: (key) => keys.has(key),
  };
}
