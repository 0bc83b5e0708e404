import { ALARM_KINDS, type AlarmRule, type RuleKind } from '../../../../nodes/manager/alarms/alarm-rule.js';
import type {
  Condition,
  ConditionSource,
  LookContext,
  OpenAlarm,
  Standing,
} from '../../../../nodes/manager/alarms/condition.js';
import {
  createSources,
  type SourcesOptions,
} from '../../../../nodes/manager/alarms/sources/create-sources.js';
import type { Database } from '../../../../nodes/manager/database/database.js';
import { applyPresenceEvents } from '../../../../nodes/manager/presence/apply-events.js';
import { createRegistry } from '../../../../nodes/manager/registry/create-registry.js';
import { connected, disconnected } from '../../../support/client-events.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The rule of a kind as it comes with the pack, with changes. */
export function ruleOf(kind: RuleKind, more: Partial<AlarmRule> = {}): AlarmRule {
  const { severity, delaySeconds, threshold, clearThreshold, clearSeconds } = ALARM_KINDS[kind].builtIn;
  return {
    ...{
      id: kind,
      kind,
      name: '',
      enabled: true,
      severity,
      delaySeconds,
      threshold,
      clearThreshold,
      clearSeconds,
    },
    ...{ repeatSeconds: null, filter: null, isBuiltIn: true, setBy: null, setAt: null },
    ...more,
  };
}

interface Watching {
  /** When it is, ms; presence has been known since a day before, unless said otherwise. */
  at: number;
  presenceSince?: number | null;
}

/** Sources over a database, with what the engine would write of what they find; its clock is what the test says. */
export function createSourceRig(database: Database, options: Partial<SourcesOptions> = {}) {
  const sources = createSources({
    brokerAway: () => null,
    databaseGap: () => null,
    certificates: () => [],
    ...options,
  });

  function sourceOf(kind: RuleKind): ConditionSource {
    return sources.find((source) => source.kind === kind)!;
  }

  function contextOf({ at, presenceSince = at - DAY }: Watching): LookContext {
    const since = presenceSince === null ? null : new Date(presenceSince);
    return { database, now: new Date(at), presenceSince: since };
  }

  function due(rule: AlarmRule, watching: Watching, limit = 200): Promise<Condition[]> {
    return sourceOf(rule.kind).due(contextOf(watching), rule, limit);
  }

  async function openOf(rule: AlarmRule): Promise<OpenAlarm[]> {
    return await database.query<OpenAlarm & Record<string, unknown>>(
      'select id::text as id, clientid, key, since from tpe_alarm where rule = $1 and cleared_at is null order by tpe_alarm.id',
      [rule.id],
    );
  }

  /** Raises all that is due, in pieces, and returns it. */
  async function raise(rule: AlarmRule, watching: Watching, limit = 200): Promise<Condition[]> {
    const raised: Condition[] = [];
    for (;;) {
      const found = await due(rule, watching, limit);
      if (found.length === 0) return raised;
      for (const condition of found) {
        const { clientid, key, site, since, reason, advice, gateways } = condition;
        await database.query(
          `insert into tpe_alarm (rule, kind, severity, clientid, key, site, reason, cause, advice, gateways, since, raised_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12)`,
          [
            ...[
              rule.id,
              rule.kind,
              rule.severity,
              clientid,
              key,
              site,
              reason.text,
              JSON.stringify(reason.cause),
            ],
            ...[advice.text, gateways, since, new Date(watching.at)],
          ],
        );
      }
      raised.push(...found);
    }
  }

  /** How the open alarms of a rule stand, by gateway or key. */
  async function standings(rule: AlarmRule, watching: Watching): Promise<Record<string, Standing>> {
    const open = await openOf(rule);
    const found = await sourceOf(rule.kind).standings(contextOf(watching), rule, open);
    return Object.fromEntries(open.map(({ clientid, key }, index) => [clientid ?? key, found[index]!]));
  }

  /** Clears what is good, as if it had been so for long enough, and returns of what. */
  async function clear(rule: AlarmRule, watching: Watching): Promise<string[]> {
    const good = Object.entries(await standings(rule, watching)).filter(([, { is }]) => is === 'good');
    const names = good.map(([name]) => name);
    await database.query(
      `update tpe_alarm set cleared_at = $3 where rule = $1 and cleared_at is null
        and (clientid = any($2::text[]) or clientid is null and key = any($2::text[]))`,
      [rule.id, names, new Date(watching.at)],
    );
    return names.sort();
  }

  return { due, raise, standings, clear, openOf };
}

/** Gateways in the database that come and go. */
export function createFleetRig(database: Database) {
  const registry = createRegistry(database);
  const sessions = new Map<string, number>();

  return {
    registry,
    async register(clientids: readonly string[], site = ''): Promise<void> {
      for (const clientid of clientids)
        await registry.register({ clientid, site, password: 'a long enough password' });
    },
    /** Notes a session that is in the database already. */
    connectedAt(clientid: string, at: number): void {
      sessions.set(clientid, at);
    },
    async connect(clientid: string, at: number, ipAddress = '10.0.0.1'): Promise<void> {
      sessions.set(clientid, at);
      await applyPresenceEvents(database, [connected(clientid, at, { ipAddress })], true);
    },
    async disconnect(clientid: string, at: number, reason = 'keepalive_timeout'): Promise<void> {
      const session = sessions.get(clientid)!;
      await applyPresenceEvents(database, [disconnected(clientid, session, at, { reason })], true);
    },
    /** As a comparison with the broker finds it. */
    async foundOffline(clientid: string, at: number): Promise<void> {
      await database.query(
        "update tpe_presence set status = 'offline', since = $2, reason = 'x', source = 'reconcile' where clientid = $1",
        [clientid, new Date(at)],
      );
    },
  };
}

/** So many client ids. */
export function idsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(3, '0')}`);
}

/** Of what conditions are: client ids, or keys. */
export function namesOf(conditions: readonly Condition[]): string[] {
  return conditions.map(({ clientid, key }) => clientid ?? key);
}
