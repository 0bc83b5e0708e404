import type { Broker, Standing } from '../broker/broker.js';
import type { CommandRecord } from '../commands/command.js';
import { createInTurns } from '../shared/limiter.js';

export interface AskNowOptions {
  broker: Pick<Broker, 'knowsPresence' | 'getClient'>;
  /** Queries the broker about one gateway and corrects its presence. */
  lookInto(clientid: string): Promise<void>;
  /** Schedules a comparison of all gateways with the broker's list. */
  lookIntoAll(): void;
  timing?: AskNowTiming;
}

export interface AskNowTiming {
  /** A command that has no answer after this time triggers a check of its gateway, ms. */
  silentAfterMs: number;
  /** The minimum interval between two checks of one gateway, ms. */
  gatewayEveryMs: number;
  /** How many queries to the broker run at a time, and how many more may wait for their turn. */
  atOnce: number;
  mostWaiting: number;
}

/** Queries the broker about single gateways that seem to be gone, at a limited rate. */
export interface AskNow {
  /**
   * Resolves with the connection of the gateway at the broker; null where the broker cannot be queried, or too many queries
   * wait. Corrects the presence of a gateway that is not connected. Never rejects.
   */
  standing(clientid: string): Promise<Standing>;
  /** Call it with each state that a command enters, since a gateway that does not answer may be gone. */
  commandChanged(record: CommandRecord): void;
  close(): void;
}

const TIMING: AskNowTiming = { silentAfterMs: 10_000, gatewayEveryMs: 10_000, atOnce: 4, mostWaiting: 100 };
const PATIENCE_MS = 10_000;
const AWAY: Standing = { connected: false, connectedAt: null };

/**
 * Creates the checks of single gateways. They are needed since EMQX 5.8 and later send no event when they end the session of an
 * MQTT 3.1.1 client that sent too large a packet. So the broker is queried when a command has no answer for some seconds, or
 * when nobody subscribes to its topic. When very many gateways fall silent at once, a comparison with the broker's list is
 * cheaper than one query for each.
 */
export function createAskNow(options: AskNowOptions): AskNow {
  const { broker, timing = TIMING } = options;
  const inTurns = createInTurns(timing.atOnce, timing.mostWaiting, PATIENCE_MS);
  const asking = new Map<string, Promise<Standing>>();
  const askedAt = new Map<string, number>();
  const silence = new Map<string, NodeJS.Timeout>();
  let isClosed = false;

  async function ask(clientid: string): Promise<Standing> {
    try {
      const client = await inTurns(() => broker.getClient(clientid));
      // It may have disconnected just now, with the event still on its way: lookInto decides whether to correct anything.
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
      if (now - at < timing.gatewayEveryMs) break;
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
      }, timing.silentAfterMs);
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
