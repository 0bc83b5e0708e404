import type { Broker, Standing } from '../broker/broker.js';
import type { CommandRecord } from '../commands/command.js';
import { createInTurns } from '../shared/limiter.js';

export interface AskNowOptions {
  broker: Pick<Broker, 'knowsPresence' | 'getClient'>;
  /** Makes the presence of one gateway true by what the broker says of it. */
  lookInto(clientid: string): Promise<void>;
  /** The same for all, soon. */
  lookIntoAll(): void;
  pace?: AskNowPace;
}

export interface AskNowPace {
  /** A command that has no answer after so long makes us ask, ms. */
  silentAfterMs: number;
  /** One gateway is not asked for again within this time, ms. */
  gatewayEveryMs: number;
  /** Questions to the broker at a time, and how many may wait for their turn. */
  atOnce: number;
  mostWaiting: number;
}

/** Asks the broker about single gateways that something speaks against, and never often. */
export interface AskNow {
  /** Never rejects. */
  standing(clientid: string): Promise<Standing>;
  /** Told of each state that a command enters: a gateway that does not answer may be gone. */
  commandChanged(record: CommandRecord): void;
  close(): void;
}

const PACE: AskNowPace = { silentAfterMs: 10_000, gatewayEveryMs: 10_000, atOnce: 4, mostWaiting: 100 };
const PATIENCE_MS = 10_000;
const AWAY: Standing = { connected: false, connectedAt: null };

/**
 * EMQX 5.8 and later end the session of an MQTT 3.1.1 client over a packet that is too large without any event. So where a
 * command has no answer for some seconds, or nobody listens for it, the broker is asked how this gateway stands. When very
 * many fall silent at once, the comparison with the broker's list is cheaper than to ask for each.
 */
export function createAskNow(options: AskNowOptions): AskNow {
  const { broker, pace = PACE } = options;
  const inTurns = createInTurns(pace.atOnce, pace.mostWaiting, PATIENCE_MS);
  const asking = new Map<string, Promise<Standing>>();
  const askedAt = new Map<string, number>();
  const silence = new Map<string, NodeJS.Timeout>();
  let isClosed = false;

  async function ask(clientid: string): Promise<Standing> {
    try {
      const client = await inTurns(() => broker.getClient(clientid));
      // It may have gone just now: whether that changes anything is for the comparison to say.
      if (!client?.connected) await options.lookInto(clientid);
      return client ?? AWAY;
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === 'BUSY') options.lookIntoAll();
      return null;
    }
  }

  async function standing(clientid: string): Promise<Standing> {
    if (isClosed || !broker.knowsPresence) return null;
    const running = asking.get(clientid);
    if (running !== undefined) return await running;
    const begun = ask(clientid).finally(() => asking.delete(clientid));
    asking.set(clientid, begun);
    return await begun;
  }

  function doubt(clientid: string): void {
    const now = Date.now();
    for (const [other, at] of askedAt) {
      if (now - at < pace.gatewayEveryMs) break;
      askedAt.delete(other);
    }
    if (askedAt.has(clientid)) return;
    askedAt.set(clientid, now);
    void standing(clientid);
  }

  function endSilence(requestId: string): void {
    clearTimeout(silence.get(requestId));
    silence.delete(requestId);
  }

  return {
    standing,
    commandChanged({ requestId, clientid, state }) {
      if (isClosed || !broker.knowsPresence) return;
      endSilence(requestId);
      if (state === 'TIMED_OUT') doubt(clientid);
      if (state !== 'SENT') return;
      const timer = setTimeout(() => {
        silence.delete(requestId);
        doubt(clientid);
      }, pace.silentAfterMs);
      timer.unref();
      silence.set(requestId, timer);
    },
    close() {
      isClosed = true;
      for (const timer of silence.values()) clearTimeout(timer);
      silence.clear();
    },
  };
}
