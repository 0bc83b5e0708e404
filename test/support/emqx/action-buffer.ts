import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionSettings } from './action-settings.js';
import type { Delivery } from './webhook-delivery.js';

/** What became of one try: it is done with, for good or ill, or the target may take it later. */
export type Tried = 'over' | 'later';

export interface ActionBufferOptions extends ActionSettings {
  /** Makes one request, and notes how it ended. Never rejects. */
  attempt(delivery: Delivery, withinMs: number): Promise<Tried>;
  /** Called for an event that is given up without another try. */
  onDropped(delivery: Delivery, why: 'overflow' | 'expired'): void;
}

/** What an HTTP action of EMQX 5 and 6 does with events: the client does not wait for them, they wait in memory. */
export interface ActionBuffer {
  /** Resolves when the event was taken, refused for good or dropped. Never rejects. */
  add(delivery: Delivery): Promise<void>;
  /** All that waits is lost, as with the memory of a broker that stops. */
  forget(): void;
}

interface Entry {
  delivery: Delivery;
  number: number;
  bytes: number;
  expiresAt: number;
  done(): void;
}

/** As measured on 5.8.9: an event of a client, and the rest of a message beside its payload. */
const EVENT_BYTES = 679;
/** The HTTP client's own tries, one right after the other, before the worker gets the event back. */
const TRIES = 3;

/**
 * The buffer workers of an action and the connections behind them, as EMQX's sources have it. Each connection has one request under way, and
 * a client's events go by the same one. A worker has so many events in its window; what comes then waits, and when that is too much, the
 * oldest that waits is dropped. An event that the target may take later keeps its place in the window, and its worker stops; at the
 * next look it sends such events again, one by one in their order, and goes on when the last of them is through.
 */
export function createActionBuffer(options: ActionBufferOptions): ActionBuffer {
  const connections = createConnections(options.connections);
  const workers = Array.from({ length: options.workers }, () => createWorker(options, connections.via));
  return {
    add: (delivery) => workers[hash(delivery.clientid) % workers.length]!.add(delivery),
    forget() {
      connections.renew();
      for (const worker of workers) worker.forget();
    },
  };
}

function createWorker(options: ActionBufferOptions, viaConnection: ViaConnection): ActionBuffer {
  const { window, ttlMs, bufferBytes } = options;
  const resumeMs = Math.min(options.healthCheckMs, ttlMs / 3);
  let generation = 0;
  let waiting: Entry[] = [];
  let waitingBytes = 0;
  let again: Entry[] = [];
  let inWindow = 0;
  let isStopped = false;
  let count = 0;

  const drop = (entry: Entry, why: 'overflow' | 'expired') => {
    options.onDropped(entry.delivery, why);
    entry.done();
  };
  const isExpired = (entry: Entry) => entry.expiresAt <= performance.now();
  const attempt = ({ delivery }: Entry): Promise<Tried> => {
    const born = generation;
    // What waits for its connection is lost too when EMQX stops.
    return viaConnection(delivery.clientid, async () =>
      born === generation ? await options.attempt(delivery, ttlMs) : 'over',
    );
  };

  function flush(): void {
    while (!isStopped && inWindow < window) {
      const entry = waiting.shift();
      if (entry === undefined) return;
      waitingBytes -= entry.bytes;
      if (isExpired(entry)) drop(entry, 'expired');
      else {
        inWindow += 1;
        void send(entry);
      }
    }
  }

  async function send(entry: Entry): Promise<void> {
    const born = generation;
    let tried: Tried = 'later';
    for (let tries = 0; tried === 'later' && tries < TRIES && born === generation; tries += 1)
      tried = await attempt(entry);
    if (born !== generation) return entry.done();
    if (tried === 'over') {
      leaveWindow(entry);
      return flush();
    }
    again.push(entry);
    if (isStopped) return;
    isStopped = true;
    void resume();
  }

  function leaveWindow(entry: Entry): void {
    inWindow -= 1;
    entry.done();
  }

  async function resume(): Promise<void> {
    const born = generation;
    let tried: Tried = 'later';
    while (again.length > 0) {
      if (tried === 'later') await sleep(resumeMs, undefined, { ref: false });
      if (born !== generation) return;
      const [oldest] = again.sort((one, other) => one.number - other.number) as [Entry];
      if (isExpired(oldest)) options.onDropped(oldest.delivery, 'expired');
      tried = isExpired(oldest) ? 'over' : await attempt(oldest);
      if (born !== generation) return;
      if (tried === 'later') continue;
      again = again.filter((entry) => entry !== oldest);
      leaveWindow(oldest);
    }
    isStopped = false;
    flush();
  }

  return {
    add: (delivery) =>
      new Promise<void>((done) => {
        const bytes = EVENT_BYTES + String(delivery.body.payload ?? '').length;
        count += 1;
        waiting.push({ delivery, number: count, bytes, expiresAt: performance.now() + ttlMs, done });
        waitingBytes += bytes;
        while (waitingBytes > bufferBytes) {
          const oldest = waiting.shift() as Entry;
          waitingBytes -= oldest.bytes;
          drop(oldest, 'overflow');
        }
        flush();
      }),
    forget() {
      generation += 1;
      for (const { done } of [...waiting, ...again]) done();
      [waiting, again, waitingBytes, inWindow, isStopped] = [[], [], 0, 0, false];
    },
  };
}

type ViaConnection = (clientid: string, job: () => Promise<Tried>) => Promise<Tried>;

/** Connections that each do one thing after the other; a client's events go by one of them (`pool_type = hash`). */
function createConnections(count: number) {
  const idle = (): Promise<unknown>[] => Array.from({ length: count }, () => Promise.resolve());
  let last = idle();
  const via: ViaConnection = (clientid, job) => {
    const place = hash(clientid) % count;
    const done = last[place]!.then(job);
    last[place] = done;
    return done;
  };
  return {
    via,
    /** Nobody waits for what is under way. */
    renew() {
      last = idle();
    },
  };
}

/** FNV-1a; which one it is does not matter. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  return value >>> 0;
}
