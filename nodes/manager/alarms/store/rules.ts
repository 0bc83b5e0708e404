import type { Database, Queryable, Row } from '../../database/database.js';
import { badField } from '../../shared/invalid-input.js';
import { isStorable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { AlarmNews } from '../alarm.js';
import { alarmRefusal } from '../alarm-refusals.js';
import {
  ALARM_KINDS,
  type AlarmKind,
  type AlarmRule,
  type NewRule,
  parseNewRule,
  RULE_KINDS,
} from '../alarm-rule.js';
import { ALARM_COLUMNS, type AlarmRow } from './alarm-row.js';
import { newsOf } from './create-alarm-store.js';
import { noteNews } from './news.js';

/** The rule of the alarms of flows, which is none of the table. */
const OWN = 'own';
/** The most rules: each is looked at some times a minute. */
const MAX_RULES = 200;
/** Rules are changed one after the other; any number that no other part uses. */
const RULE_LOCK = 7_430_045;

interface RuleRow extends Row {
  id: string;
  kind: AlarmRule['kind'];
  name: string;
  enabled: boolean;
  severity: AlarmRule['severity'];
  delay_s: number;
  threshold: number | null;
  clear_threshold: number | null;
  clear_s: number;
  repeat_s: number | null;
  filter: AlarmRule['filter'];
  is_built_in: boolean;
  set_by: string | null;
  set_at: Date | null;
}

const COLUMNS = `id, kind, name, enabled, severity, delay_s, threshold, clear_threshold, clear_s, repeat_s, filter, is_built_in,
  set_by, set_at`;

/** What people have set stays as it is. */
const SEED = `
  insert into tpe_alarm_rule (id, kind, severity, delay_s, threshold, clear_threshold, clear_s, is_built_in)
  select kind, kind, severity, delay_s, threshold, clear_threshold, clear_s, true
  from unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::integer[], $6::integer[])
    as seed (kind, severity, delay_s, threshold, clear_threshold, clear_s)
  on conflict (id) do nothing`;

const LIST = `
  select ${COLUMNS} from tpe_alarm_rule where kind = any($1::text[])
  order by array_position($1::text[], kind), not is_built_in, id`;
const LOCK = 'select pg_advisory_xact_lock($1)';
const ONE = `select ${COLUMNS} from tpe_alarm_rule where id = $1`;
const COUNT = 'select count(*)::integer as count from tpe_alarm_rule';
const SET = `
  insert into tpe_alarm_rule (id, kind, name, enabled, severity, delay_s, threshold, clear_threshold, clear_s, repeat_s, filter,
    set_by, set_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12, now())
  on conflict (id) do update set name = excluded.name, enabled = excluded.enabled, severity = excluded.severity,
    delay_s = excluded.delay_s, threshold = excluded.threshold, clear_threshold = excluded.clear_threshold,
    clear_s = excluded.clear_s, repeat_s = excluded.repeat_s, filter = excluded.filter, set_by = excluded.set_by,
    set_at = excluded.set_at
  returning ${COLUMNS}`;
/** Open alarms are as bad as their rule says now. */
const RATE_ANEW = `
  update tpe_alarm alarm set severity = $2, updated_at = now()
  where alarm.rule = $1 and alarm.cleared_at is null and alarm.severity <> $2 returning ${ALARM_COLUMNS}`;
const REMOVE = 'delete from tpe_alarm_rule where id = $1';
const CLEAR = `
  update tpe_alarm alarm set cleared_at = now(), cleared_by = $2, updated_at = now()
  where alarm.rule = $1 and alarm.cleared_at is null returning ${ALARM_COLUMNS}`;

/** Adds the rules that come with the pack, as far as they are missing. Rejects as the database does. */
export async function seedRules(database: Queryable): Promise<void> {
  const seeds = RULE_KINDS.map((kind) => ({ kind, ...ALARM_KINDS[kind].builtIn }));
  await database.query(SEED, [
    seeds.map(({ kind }) => kind),
    seeds.map(({ severity }) => severity),
    seeds.map(({ delaySeconds }) => delaySeconds),
    seeds.map(({ threshold }) => threshold),
    seeds.map(({ clearThreshold }) => clearThreshold),
    seeds.map(({ clearSeconds }) => clearSeconds),
  ]);
}

/** See Alarms. Rules of kinds that only a newer version of the pack knows are left out. */
export async function listRules(database: Queryable): Promise<AlarmRule[]> {
  return (await database.query<RuleRow>(LIST, [[...RULE_KINDS]])).map(toRule);
}

/** See Alarms. */
export async function setRule(
  database: Database,
  given: NewRule,
  by: string,
): Promise<{ rule: AlarmRule; news: AlarmNews[] }> {
  const rule = wholeRule(parseNewRule(given));
  return await database.transaction(async (transaction) => {
    await transaction.query(LOCK, [RULE_LOCK]);
    await refuseOther(transaction, rule);
    const [row] = await transaction.query<RuleRow>(SET, [
      ...[rule.id, rule.kind, rule.name, rule.enabled, rule.severity, rule.delaySeconds, rule.threshold],
      ...[rule.clearThreshold, rule.clearSeconds, rule.repeatSeconds],
      ...[rule.filter === null ? null : JSON.stringify(rule.filter), by],
    ]);
    const rated = await transaction.query<AlarmRow>(RATE_ANEW, [rule.id, rule.severity]);
    return { rule: toRule(row!), news: newsOf('changed', rated) };
  });
}

/** See Alarms. Resolves with the news of the alarms that it cleared. */
export async function removeRule(database: Database, id: string, by: string): Promise<AlarmNews[]> {
  return await database.transaction(async (transaction) => {
    await transaction.query(LOCK, [RULE_LOCK]);
    const found = isStorable(id) ? await readRule(transaction, id) : null;
    if (found === null) throw unknownRule(id);
    if (found.is_built_in)
      throw new TpeError('CONFLICT', alarmRefusal('alarm-rule-built-in', { id }), { id });
    await transaction.query(REMOVE, [id]);
    const news = newsOf('cleared', await transaction.query<AlarmRow>(CLEAR, [id, by]));
    await noteNews(transaction, news);
    return news;
  });
}

type WholeRule = Omit<AlarmRule, 'isBuiltIn' | 'setBy' | 'setAt'>;

/** The rule with all that was left out. Throws INVALID_INPUT for what its kind does not have. */
function wholeRule(given: NewRule): WholeRule {
  if (given.id === OWN) throw badField('id', 'another one: that of alarms of flows is no rule');
  const kind: AlarmKind = ALARM_KINDS[given.kind];
  const { builtIn } = kind;
  const threshold = given.threshold === undefined ? builtIn.threshold : given.threshold;
  const rule: WholeRule = {
    id: given.id,
    kind: given.kind,
    name: given.name ?? '',
    enabled: given.enabled ?? true,
    severity: given.severity ?? builtIn.severity,
    delaySeconds: given.delaySeconds ?? builtIn.delaySeconds,
    threshold,
    clearThreshold: clearThresholdOf(kind, given, threshold),
    clearSeconds: given.clearSeconds ?? builtIn.clearSeconds,
    repeatSeconds: given.repeatSeconds ?? null,
    filter: filterOf(given.filter ?? null),
  };
  refuseUnfit(kind, rule);
  return rule;
}

/** The one that comes with the pack belongs to its own threshold. */
function clearThresholdOf({ builtIn }: AlarmKind, given: NewRule, threshold: number | null): number | null {
  if (given.clearThreshold !== undefined) return given.clearThreshold;
  return threshold === builtIn.threshold ? builtIn.clearThreshold : null;
}

function filterOf(filter: AlarmRule['filter']): AlarmRule['filter'] {
  const given = Object.entries(filter ?? {}).filter(([, value]) => (value ?? '').trim() !== '');
  return given.length === 0 ? null : Object.fromEntries(given);
}

function refuseUnfit(kind: AlarmKind, rule: WholeRule): void {
  const { threshold, clearThreshold } = rule;
  if (kind.unit === null && threshold !== null)
    throw badField('threshold', `null: ${rule.kind} counts nothing`);
  if (kind.unit !== null && threshold === null)
    throw badField('threshold', `a number of ${kind.unit}, from where on it is bad`);
  if (clearThreshold !== null && !isBetter(kind, clearThreshold, threshold))
    throw badField('clearThreshold', 'null, or no worse than the threshold');
  if (kind.of !== 'gateway' && rule.filter !== null)
    throw badField('filter', `null: ${rule.kind} is not about gateways`);
  const texts = [rule.name, ...Object.values(rule.filter ?? {})];
  if (!texts.every((value) => isStorable(value ?? '')))
    throw badField('rule', 'text that the database can store');
}

function isBetter({ isWorseAbove }: AlarmKind, clearThreshold: number, threshold: number | null): boolean {
  if (threshold === null) return false;
  return isWorseAbove ? clearThreshold <= threshold : clearThreshold >= threshold;
}

async function readRule(transaction: Queryable, id: string): Promise<RuleRow | null> {
  const [row] = await transaction.query<RuleRow>(ONE, [id]);
  return row ?? null;
}

async function refuseOther(transaction: Queryable, { id, kind }: WholeRule): Promise<void> {
  const found = await readRule(transaction, id);
  if (found !== null && found.kind !== kind) {
    const reason = alarmRefusal('alarm-rule-other-kind', { id, kind: found.kind });
    throw new TpeError('INVALID_INPUT', reason, { field: 'kind' });
  }
  if (found !== null) return;
  const [rules] = await transaction.query<{ count: number }>(COUNT);
  if (rules!.count >= MAX_RULES)
    throw new TpeError('CONFLICT', alarmRefusal('alarm-rules-too-many', { count: MAX_RULES }));
}

function unknownRule(id: string): TpeError {
  return new TpeError('NOT_FOUND', alarmRefusal('alarm-rule-unknown', { id: id.slice(0, 100) }));
}

function toRule(row: RuleRow): AlarmRule {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    enabled: row.enabled,
    severity: row.severity,
    delaySeconds: row.delay_s,
    threshold: row.threshold,
    clearThreshold: row.clear_threshold,
    clearSeconds: row.clear_s,
    repeatSeconds: row.repeat_s,
    filter: row.filter,
    isBuiltIn: row.is_built_in,
    setBy: row.set_by,
    setAt: row.set_at?.toISOString() ?? null,
  };
}
