import type { OperationSet } from '../catalogue/operation-set.js';
import { restartsGateway } from '../catalogue/restarting.js';
import { needsConfirmation } from '../catalogue/risk.js';
import { riskOfRequest } from '../catalogue/risk-of-request.js';
import { resolveRequest } from '../catalogue/validation/resolve-request.js';
import type { CommandRecord, Commands } from '../commands/command.js';
import type { Database } from '../database/database.js';
import { createEnding } from '../shared/ending.js';
import { unlessClosed } from '../shared/unless-closed.js';
import { follow } from './follow.js';
import { askForApps, leftRunning } from './running-apps.js';
import { createWatches, type Watch, type Watches } from './watches.js';
import type { Before, WaitOptions, Well, WellResult, WellTiming } from './well.js';

export interface WellOptions {
  database: Database;
  commands: Pick<Commands, 'send'>;
  catalogue: OperationSet;
  /** Whether the broker tells who is connected. */
  knowsPresence(): boolean;
  timing: WellTiming;
  /** Aborted when the manager closes. */
  closing: AbortSignal;
}

export interface WellKeeper extends Well, Pick<Watches, 'presenceChanged' | 'gatewayRetired' | 'refresh'> {}

/** What a wait needs beside its options. */
interface Wait extends WaitOptions {
  watch: Watch;
  apps: readonly string[] | null;
  /** When the gateway was disturbed, by performance.now(). */
  beganAt: number;
  settleMs: number;
}

/** Creates the part that says when a gateway is well again. It is told of presence, of this manager and of others, and asks gateways itself. */
export function createWell(options: WellOptions): WellKeeper {
  const { commands, catalogue, knowsPresence, timing, closing } = options;
  const watches = createWatches(options.database, knowsPresence);

  async function runningApps(clientid: string): Promise<Before['apps']> {
    const reply = await askForApps(commands, clientid, timing.answer).catch(() => null);
    return reply?.kind === 'apps' ? reply.running : null;
  }

  async function wait({
    watch,
    apps,
    beganAt,
    settleMs,
    withinMs = timing.within,
    signal,
  }: Wait): Promise<WellResult> {
    const ending = createEnding();
    const end = () => ending.abort();
    const signals = signal === undefined ? [closing] : [closing, signal];
    for (const one of signals) {
      if (one.aborted) end();
      one.addEventListener('abort', end, { once: true });
    }
    // Without news of presence, a gateway that has just answered counts as online.
    if (!knowsPresence()) watch.note({ at: beganAt, online: true, session: null });
    const following = follow({
      ...{ watch, apps, withinMs, timing, knowsPresence, signal: ending.signal },
      rule: { beganAt, leaveMs: timing.leave, settleMs },
      ask: () => askForApps(commands, watch.clientid, timing.answer),
    });
    try {
      return await unlessClosed(ending.signal, following);
    } finally {
      end();
      for (const one of signals) one.removeEventListener('abort', end);
    }
  }

  /** Lets `work` watch a gateway, and ends the watch with it. */
  async function watching<T>(clientid: string, work: (watch: Watch) => Promise<T>): Promise<T> {
    const watch = watches.open(clientid);
    try {
      return await work(watch);
    } finally {
      watch.close();
    }
  }

  return {
    presenceChanged: watches.presenceChanged,
    gatewayRetired: watches.gatewayRetired,
    refresh: watches.refresh,
    before: (clientid) =>
      watching(clientid, async (watch) => {
        const [apps] = await Promise.all([runningApps(clientid), watch.look()]);
        return { apps, onlineSince: watch.seen.at(-1)?.session ?? null };
      }),
    untilWell: ({ clientid, ran, settleMs = timing.settle, ...more }) =>
      watching(clientid, async (watch) => {
        const beganAt = performance.now();
        if (ran.onlineSince !== null) watch.note({ at: beganAt, online: true, session: ran.onlineSince });
        await watch.look();
        return await wait({ watch, apps: ran.apps, beganAt, settleMs, ...more });
      }),
    async sendUntilWell(request, { settleMs, onWaiting, ...more } = {}) {
      const resolved = resolveRequest(catalogue, request);
      const restarts = restartsGateway(resolved);
      if (!restarts && !needsConfirmation(riskOfRequest(catalogue, resolved))) {
        return { record: await commands.send(request), well: null };
      }
      return await watching(request.clientid, async (watch) => {
        const [apps] = await Promise.all([runningApps(request.clientid), watch.look()]);
        const record = await commands.send(request);
        if (!wasCarriedOut(record, restarts)) return { record, well: null };
        onWaiting?.(record);
        const well = await wait({
          ...{ watch, apps: apps === null ? null : leftRunning(apps, record), beganAt: sentAtOf(record) },
          settleMs: settleMs ?? (restarts ? timing.settle : timing.settleOtherwise),
          ...more,
        });
        return { record, well };
      });
    },
  };
}

function wasCarriedOut({ state, sentAt }: CommandRecord, restarts: boolean): boolean {
  return state === 'SUCCEEDED' || (state === 'TIMED_OUT' && restarts && sentAt !== null);
}

/** When a command that has just ended was sent, by performance.now(). The record has times of the database, whose clock may be another. */
function sentAtOf({ sentAt, endedAt }: CommandRecord): number {
  const lasted = sentAt === null || endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(sentAt);
  return performance.now() - Math.max(lasted, 0);
}
