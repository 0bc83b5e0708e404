import { isTopicName } from '../../protocol/topics.js';
import { backoffMs, SPREAD_OUT } from '../../shared/backoff.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { createRota } from '../addresses.js';
import type { BrokerMessage, BrokerNode, PublishReceipt } from '../broker.js';
import type { HealthTeller } from '../health.js';
import { publishReason } from '../publish-reasons.js';
import { type EmqxApi, refused } from './api.js';
import { detectEmqx } from './detect.js';
import { createEmqxHttp } from './http-client.js';
import type { EmqxTarget } from './target.js';

/** The REST API of EMQX in whatever version it has now, checked from time to time. */
export interface EmqxRest {
  /** Begins the checks. Resolves when the first one has ended. Never rejects. */
  open(): Promise<void>;
  /** Calls `question` with the API of the present version. Rejects with UNAVAILABLE, and with BUSY if too many calls wait. */
  ask<T>(question: (api: EmqxApi) => Promise<T>): Promise<T>;
  /** Checks now instead of at the next regular time, since the state of EMQX may have changed. */
  look(): void;
  /** The version of the API that answered last; null if none has answered yet. */
  major(): EmqxApi['major'] | null;
  /** Receipts in the order of the messages. Never rejects. */
  publish(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]>;
  close(): void;
}

export interface EmqxRestPauses {
  /** Between two checks while EMQX answers, ms. */
  check: number;
  /** After the first check that fails, ms; later pauses grow up to `check`. */
  first: number;
}

const PAUSES: EmqxRestPauses = { check: 15_000, first: 1000 };
/** The most messages in one call: EMQX publishes them one after another before it answers. */
const MAX_TOGETHER = 200;
const MAX_TOGETHER_CHARACTERS = 512 * 1024;

/**
 * Creates the checks of EMQX's REST API. Each check finds out the version anew, since EMQX may have been upgraded. Of several addresses it
 * keeps the one that answered last, and goes on to the next if that does not answer. `health` gets the state, `onNodes` the nodes of the
 * cluster.
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
      // If EMQX is known to be away the next check is planned already, and an address that is not in use does not matter.
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
      // BUSY means that this manager makes too many calls, and says nothing about EMQX.
      if (!isClosed && !isBusy(error))
        health.set({ connected: false, detail: messageOf(error).replace(/\.$/, '') });
    }
    if (!isClosed) timer = setTimeout(() => void check(), pause);
  }

  /** Reads the nodes from the address used last, or from the first of the others that answers. Rejects with the faults of all. */
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
      // Another node of the cluster may be able to answer.
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
  return { accepted: false, reason: publishReason('no-topic-of-one-gateway', { topic }) };
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
