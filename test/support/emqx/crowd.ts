import { setTimeout as sleep } from 'node:timers/promises';
import type { Core } from './core.js';
import { fromPublish } from './from-packet.js';
import { makeSession, type Session } from './session.js';
import { type EmqxTopics, fillTemplate } from './topics.js';

export interface CrowdOptions {
  /** How many come or go in a second; all at once without it. */
  perSecond?: number;
  /** Nobody is told: as where the webhook was lost. */
  isSilent?: boolean;
  /** What each of them publishes on its output topic for a message that it got. */
  answer?(payload: Buffer): Buffer;
}

/** Clients that are in the list, and told of, without a socket behind them. */
export interface Crowd {
  /**
   * Lets so many clients come in (`FAKE00001` and on), or those with these ids, each subscribed to its input topic.
   * Resolves to their ids, when the broker is done with telling: with EMQX 4 when the webhook has answered.
   */
  addClients(clients: number | readonly string[], options?: CrowdOptions): Promise<string[]>;
  /** Lets these go, or all of them, with this reason. Resolves as addClients does. */
  removeClients(clientids?: readonly string[], options?: CrowdOptions & { reason?: string }): Promise<void>;
}

export function createCrowd(core: Core, topics: EmqxTopics): Crowd {
  const { router, listing, hooks } = core;
  const isMember = new WeakSet<Session>();
  const enter = async (clientid: string, { isSilent = false, answer }: CrowdOptions) => {
    const old = router.sessions.get(clientid);
    if (old?.end) await old.end('discarded');
    listing.hide(clientid);
    const session = makeSession({ clientid, username: clientid });
    session.end = (reason) => core.finish(session, reason);
    isMember.add(session);
    router.sessions.set(clientid, session);
    router.subscribe(session, fillTemplate(topics.input, clientid), 1);
    session.outbox.attach((packet) => {
      const { messageId } = packet;
      if (messageId) queueMicrotask(() => session.outbox.acknowledge(messageId));
      if (answer && packet.cmd === 'publish') {
        const payload = answer(Buffer.from(packet.payload));
        const topic = fillTemplate(topics.output, clientid);
        setImmediate(() => core.publish(fromPublish(session, { ...packet, topic, payload })));
      }
    }, 32);
    if (!isSilent) await hooks.connected(session);
    listing.showConnected(session);
  };
  const all = () =>
    [...router.sessions.values()].filter((one) => isMember.has(one)).map(({ clientid }) => clientid);
  const leave = async (clientid: string, reason: string, isSilent: boolean) => {
    const session = router.sessions.get(clientid);
    if (session === undefined || !isMember.has(session)) return;
    if (isSilent) core.drop(session);
    else await session.end?.(reason);
  };
  return {
    async addClients(clients, options = {}) {
      const clientids = typeof clients === 'number' ? numbered(clients) : [...clients];
      await spread(clientids, options.perSecond, (clientid) => enter(clientid, options));
      return clientids;
    },
    async removeClients(clientids = all(), options = {}) {
      const { perSecond, isSilent = false, reason = 'tcp_closed' } = options;
      await spread([...clientids], perSecond, (clientid) => leave(clientid, reason, isSilent));
    },
  };
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `FAKE${String(index + 1).padStart(5, '0')}`);
}

const TICK_MS = 50;

/** Each is a connection of its own: none waits for another one. */
async function spread(
  clientids: string[],
  perSecond: number | undefined,
  job: (clientid: string) => Promise<void>,
): Promise<void> {
  const atOnce =
    perSecond === undefined ? clientids.length : Math.max(1, Math.round(perSecond / (1000 / TICK_MS)));
  const jobs: Promise<void>[] = [];
  for (let start = 0; start < clientids.length; start += atOnce) {
    if (start > 0) await sleep(TICK_MS);
    jobs.push(...clientids.slice(start, start + atOnce).map(job));
  }
  await Promise.all(jobs);
}
