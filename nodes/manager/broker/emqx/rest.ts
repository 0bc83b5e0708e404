import { isTopicName } from '../../protocol/topics.js';
import { backoffMs, SPREAD_OUT } from '../../shared/backoff.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { createRota } from '../addresses.js';
import type { BrokerMessage, BrokerNode, PublishReceipt } from '../broker.js';
import type { HealthTeller } from '../health.js';
import { type EmqxApi, refused } from './api.js';
import { detectEmqx } from './detect.js';
import { createEmqxHttp } from './http-client.js';
import type { EmqxTarget } from './target.js';

/** EMQX's REST API, whatever its version is now, and looked at from time to time. */
export interface EmqxRest {
  /** Begins to look; resolves when the first look has come out. Never rejects. */
  open(): Promise<void>;
  /** Asks the API of the version that is there. Rejects with UNAVAILABLE, and with BUSY when too many calls wait. */
  ask<T>(question: (api: EmqxApi) => Promise<T>): Promise<T>;
  /** There is news of EMQX: looks at once, and not only when it is time. */
  look(): void;
  /** Of the API that is there, or was last; null before the first look. */
  major(): EmqxApi['major'] | null;
  /** Receipts in the order of the messages. Never rejects. */
  publish(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]>;
  close(): void;
}

export interface EmqxRestPauses {
  /** Between two looks while all is well, ms. */
  check: number;
  /** Before the second look at what is broken; then longer, up to `check`. */
  first: number;
}

const PAUSES: EmqxRestPauses = { check: 15_000, first: 1000 };
/** EMQX publishes one after the other while the call lasts. */
const MAX_TOGETHER = 200;
const MAX_TOGETHER_CHARACTERS = 512 * 1024;

/**
 * Finds out the version, and again after each time that EMQX was away or made no sense, since it may have been
 * upgraded. Of several addresses it stays with the one that answered last, and goes on to the next when that is away.
 * `health` is told how it stands, `onNodes` which nodes its cluster has.
 */
export function createEmqxRest(
  targets: readonly [EmqxTarget, ...EmqxTarget[]],
  health: HealthTeller,
  onNodes: (nodes: readonly BrokerNode[]) => void,
  pauses: EmqxRestPauses = PAUSES,
): EmqxRest {
  const open = (target: EmqxTarget) => ({
    target,
    http: createEmqxHttp(target, () => {
      // What is known to be away is looked at in its own time, and a node that we left is nothing to us.
      if (health.now().connected && rota.now().target === target) void check();
    }),
  });
  const [first, ...more] = targets;
  const rota = createRota([open(first), ...more.map(open)]);
  let api: EmqxApi | null = null;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let failures = 0;

  async function look(): Promise<void> {
    clearTimeout(timer);
    let pause = pauses.check;
    try {
      const nodes = await lookAtAny();
      failures = 0;
      if (isClosed || api === null) return;
      health.set({ connected: true, detail: `${api.name} at ${rota.now().target.place}` });
      onNodes(nodes);
    } catch (error) {
      pause = backoffMs(failures, { firstMs: pauses.first, longestMs: pauses.check, spread: SPREAD_OUT });
      failures += 1;
      // Too many calls of our own say nothing about EMQX.
      if (!isClosed && !isBusy(error))
        health.set({ connected: false, detail: messageOf(error).replace(/\.$/, '') });
    }
    if (!isClosed) timer = setTimeout(() => void check(), pause);
  }

  /** The node that was spoken to last, or else the first of the others that answers. Rejects with the faults of all. */
  async function lookAtAny(): Promise<BrokerNode[]> {
    const faults: string[] = [];
    for (let tried = 1; ; tried += 1) {
      const { http, target } = rota.now();
      try {
        const found = await detectEmqx(http, api?.major ?? target.named ?? 5);
        const nodes = await found.listNodes();
        api = found;
        return nodes;
      } catch (error) {
        if (isClosed || isBusy(error)) throw error;
        faults.push(messageOf(error).replace(/\.$/, ''));
        rota.next();
        if (tried === rota.size) throw new TpeError('UNAVAILABLE', faults.join('; '), {}, error);
      }
    }
  }

  function check(): Promise<void> {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  }

  async function ask<T>(question: (api: EmqxApi) => Promise<T>): Promise<T> {
    if (api === null && !isClosed) await check();
    if (api === null) throw new TpeError('UNAVAILABLE', health.now().detail);
    const asked = api;
    try {
      return await question(asked);
    } catch (error) {
      if (rota.size === 1 || isClosed || isBusy(error)) throw error;
      // Another node of the cluster may know it.
      await check();
      if (api === asked || !health.now().connected) throw error;
      return await question(api);
    }
  }

  async function publishTogether(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]> {
    return await ask((found) =>
      messages.length === 1 ? Promise.all(messages.map(found.publish)) : found.publishTogether(messages),
    ).catch((error: unknown) => messages.map(() => refused(error)));
  }

  return {
    open: check,
    look: () => {
      if (!isClosed) void check();
    },
    ask,
    major: () => api?.major ?? null,
    async publish(messages) {
      const fit = messages.filter(({ topic }) => isTopicName(topic));
      const receipts = (await Promise.all(inChunks(fit).map(publishTogether))).flat();
      return messages.map(({ topic }) => (isTopicName(topic) ? receipts.shift()! : notOne(topic)));
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      health.set({ connected: false, detail: 'closed' });
      for (let index = 0; index < rota.size; index += 1) rota.next().http.close();
    },
  };
}

function notOne(topic: string): PublishReceipt {
  return { accepted: false, reason: `"${topic}" is no topic of one gateway` };
}

function isBusy(error: unknown): boolean {
  return error instanceof TpeError && error.code === 'BUSY';
}

function inChunks(messages: readonly BrokerMessage[]): BrokerMessage[][] {
  const chunks: BrokerMessage[][] = [];
  let characters = 0;
  for (const message of messages) {
    const last = chunks.at(-1);
    characters += message.payload.length;
    if (last && last.length < MAX_TOGETHER && characters <= MAX_TOGETHER_CHARACTERS) last.push(message);
    else {
      chunks.push([message]);
      characters = message.payload.length;
    }
  }
  return chunks;
}
