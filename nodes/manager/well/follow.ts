import { backoffMs } from '../shared/backoff.js';
import type { Reason } from '../shared/reason.js';
import type { AppsReply } from './running-apps.js';
import { isSteady, type Steadiness, type SteadinessRule, steadinessOf } from './steadiness.js';
import type { Watch } from './watches.js';
import type { WellResult, WellTiming } from './well.js';
import { wellReason } from './well-reasons.js';

export interface FollowOptions {
  watch: Watch;
  rule: SteadinessRule;
  /** The applications that have to run again; null: not known, so that any answer is enough. */
  apps: readonly string[] | null;
  withinMs: number;
  timing: WellTiming;
  /** False: the broker does not tell who is connected, so the answers of the gateway do. */
  knowsPresence(): boolean;
  ask(): Promise<AppsReply>;
  /** Aborted when nobody waits any more: then the result means nothing. */
  signal: AbortSignal;
}

const MOST_NAMED = 10;

/** Follows one gateway until it is well or the time is over. Rejects with CLOSED if the manager closes. */
export async function follow(options: FollowOptions): Promise<WellResult> {
  const { watch, rule, timing, signal } = options;
  const bell = createBell(signal);
  watch.listen(bell.ring);
  const until = rule.beganAt + options.withinMs;
  let reply: AppsReply | null = null;
  let repliedAt = 0;
  let tries = 0;
  let breaks = 0;
  let askAt = 0;
  for (;;) {
    if (watch.seen.length === 0) await watch.look();
    const now = performance.now();
    const steadiness = steadinessOf(watch.seen, rule);
    const tookMs = Math.round(now - rule.beganAt);
    if (watch.isRetired() || reply?.kind === 'retired') {
      return { well: false, tookMs, reason: wellReason('well-retired') };
    }
    if (steadiness.breaks > breaks) [breaks, tries, askAt, reply] = [steadiness.breaks, 0, 0, null];
    const isStill = isSteady(steadiness, now);
    // What a gateway said before it was steady may not be true any more.
    const isAnswered = isStill && reply !== null && repliedAt >= steadiness.steadyAt!;
    if (isAnswered && fits(reply, options.apps)) return { well: true, tookMs };
    if (now >= until || signal.aborted)
      return { well: false, tookMs, reason: whyNot(options, steadiness, reply) };
    const mayAsk = isStill || !options.knowsPresence();
    if (mayAsk && (now >= askAt || (isStill && !isAnswered))) {
      reply = await options.ask();
      repliedAt = performance.now();
      if (!options.knowsPresence()) noteAnswer(watch, reply);
      askAt = repliedAt + backoffMs(tries, { firstMs: timing.retry, longestMs: timing.retryMost });
      tries += 1;
      continue;
    }
    const times = [until, mayAsk ? askAt : until, seenNext(options, now)];
    if (!isStill && steadiness.steadyAt !== null) times.push(steadiness.steadyAt);
    await bell.sleep(Math.min(...times) - now);
  }
}

/** When to read the presence again, as long as it could not be read. */
function seenNext({ watch, timing }: FollowOptions, now: number): number {
  return watch.seen.length === 0 ? now + timing.retry : Number.POSITIVE_INFINITY;
}

function noteAnswer(watch: Watch, { kind }: AppsReply): void {
  watch.note({ at: performance.now(), online: kind === 'apps' || kind === 'other', session: null });
}

/** Whether the last answer is what has to be answered. */
function fits(reply: AppsReply | null, apps: readonly string[] | null): boolean {
  if (reply === null) return false;
  if (reply.kind === 'apps') return missing(reply.running, apps).length === 0;
  return reply.kind === 'other' && apps === null;
}

function missing(running: readonly string[], apps: readonly string[] | null): string[] {
  return (apps ?? []).filter((name) => !running.includes(name));
}

function whyNot(
  { apps, withinMs }: FollowOptions,
  { isOnline, steadyAt, breaks }: Steadiness,
  reply: AppsReply | null,
): Reason {
  const seconds = Math.round(withinMs / 1000);
  if (!isOnline || steadyAt === null) return wellReason('well-offline', { seconds });
  if (reply?.kind === 'apps') {
    const names = missing(reply.running, apps);
    const more = names.length > MOST_NAMED ? ', …' : '';
    if (names.length > 0) {
      return wellReason('well-apps-missing', { seconds, apps: names.slice(0, MOST_NAMED).join(', ') + more });
    }
  }
  if (reply?.kind === 'other' && apps !== null) return wellReason('well-apps-untold', { seconds });
  if (reply?.kind === 'silent') return wellReason('well-silent', { seconds });
  return breaks > 1
    ? wellReason('well-unsteady', { seconds, times: breaks })
    : wellReason('well-unproven', { seconds });
}

interface Bell {
  ring(): void;
  /** Resolves after so many ms, or when the bell rings, or at once if it has rung since the last sleep. */
  sleep(ms: number): Promise<void>;
}

function createBell(signal: AbortSignal): Bell {
  let hasRung = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    hasRung = true;
    wake?.();
  };
  signal.addEventListener('abort', ring, { once: true });
  if (signal.aborted) ring();
  return {
    ring,
    async sleep(ms) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(ms, 1));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
      wake = null;
    },
  };
}
