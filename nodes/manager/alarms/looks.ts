import { messageOf, TpeError } from '../shared/tpe-error.js';
import type { AlarmNews } from './alarm.js';
import type { AlarmRule } from './alarm-rule.js';
import type { ConditionSource, LookContext } from './condition.js';
import type { AlarmStore } from './store/alarm-store.js';
import { REMINDED_AT_ONCE } from './store/create-alarm-store.js';

export interface LooksOptions {
  store: AlarmStore;
  rules(): Promise<AlarmRule[]>;
  sources: readonly ConditionSource[];
  context(): Promise<LookContext>;
  signal: AbortSignal;
  onNews(news: readonly AlarmNews[]): void;
  onFault(text: string): void;
}

/** The most alarms that are raised, looked at or cleared in one statement. */
const PIECE = 200;

/**
 * Creates the look at all rules. It resolves with whether an alarm is open or something happened, and rejects as the database does; what
 * else fails for one rule is told once, and does not keep the others. `isOurs` is asked between the rules; if it is not, the look ends.
 */
export function createLooks({ store, rules, sources, context, signal, onNews, onFault }: LooksOptions) {
  const sourceOf = new Map(sources.map((source) => [source.kind, source]));
  /** Rules that failed at their last look. */
  const failing = new Set<string>();

  /** Resolves with whether the rule has open alarms. */
  async function lookAt(now: LookContext, rule: AlarmRule): Promise<boolean> {
    const source = sourceOf.get(rule.kind);
    if (source === undefined) return false;
    await raiseDue(now, rule, source);
    return await standingsOf(now, rule, source);
  }

  async function raiseDue(now: LookContext, rule: AlarmRule, source: ConditionSource): Promise<void> {
    while (!signal.aborted) {
      const due = await source.due(now, rule, PIECE);
      const raised = await store.raise(rule, due);
      onNews(raised);
      // A source that finds what is raised already would find it for ever.
      if (due.length < PIECE || raised.length === 0) return;
    }
  }

  async function standingsOf(now: LookContext, rule: AlarmRule, source: ConditionSource): Promise<boolean> {
    let after = '0';
    while (!signal.aborted) {
      const open = await store.openOf(rule.id, after, PIECE);
      if (open.length > 0) {
        const standings = await source.standings(now, rule, open);
        const known = open.flatMap(({ id }, place) => {
          const standing = standings[place];
          if (standing === undefined || standing.is === 'unknown') return [];
          if (standing.is === 'good') return [{ id, isGood: true }];
          const { reason, gateways } = standing;
          return [
            { id, isGood: false, ...(reason && { reason }), ...(gateways !== undefined && { gateways }) },
          ];
        });
        onNews(await store.stand(rule, known));
      }
      if (open.length < PIECE) return after !== '0' || open.length > 0;
      after = open.at(-1)!.id;
    }
    return true;
  }

  async function pieces(size: number, work: () => Promise<AlarmNews[]>): Promise<boolean> {
    let hasHappened = false;
    while (!signal.aborted) {
      const news = await work();
      onNews(news);
      hasHappened ||= news.length > 0;
      if (news.length < size) break;
    }
    return hasHappened;
  }

  return async (isOurs: () => Promise<boolean>): Promise<boolean> => {
    const now = await context();
    let isBusy = false;
    for (const rule of await rules()) {
      if (!rule.enabled) continue;
      if (signal.aborted || !(await isOurs())) return isBusy;
      try {
        if (await lookAt(now, rule)) isBusy = true;
        failing.delete(rule.id);
      } catch (error) {
        if (isOfAll(error)) throw error;
        if (!failing.has(rule.id))
          onFault(`The rule ${rule.id} of alarms could not be looked at, retrying: ${messageOf(error)}`);
        failing.add(rule.id);
      }
    }
    if (await pieces(PIECE, () => store.clearOrphans(PIECE))) isBusy = true;
    return (await pieces(REMINDED_AT_ONCE, store.remind)) || isBusy;
  };
}

/** Whether it would be the same for each other rule. */
function isOfAll(error: unknown): boolean {
  return error instanceof TpeError && (error.code === 'UNAVAILABLE' || error.code === 'CLOSED');
}
