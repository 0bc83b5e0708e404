import { ALARM_KINDS, type RuleKind, type Severity } from '../manager/alarms/alarm-kinds.js';
import type { AlarmRule, NewRule } from '../manager/alarms/alarm-rule.js';

// Between a rule and the form of it, which the dashboard and the editor have.

/** A rule as it stands in the form; an empty number is what the form has for null. */
export interface RuleDraft {
  /** Empty for a new one. */
  id: string;
  kind: RuleKind;
  name: string;
  enabled: boolean;
  severity: Severity;
  delaySeconds: number;
  threshold: number | '';
  clearThreshold: number | '';
  clearSeconds: number;
  /** Null: it is not told again. */
  repeatSeconds: number | null;
  site: string;
  tag: string;
  model: string;
}

/** The form of a rule; a new one of a kind begins as the one that came with the pack. */
export function draftOf(rule: AlarmRule, isNew = false): RuleDraft {
  const { site = '', tag = '', model = '' } = rule.filter ?? {};
  return {
    id: isNew ? '' : rule.id,
    kind: rule.kind,
    name: isNew ? '' : rule.name,
    enabled: isNew || rule.enabled,
    severity: rule.severity,
    delaySeconds: rule.delaySeconds,
    threshold: rule.threshold ?? '',
    clearThreshold: rule.clearThreshold ?? '',
    clearSeconds: rule.clearSeconds,
    repeatSeconds: rule.repeatSeconds ?? null,
    ...{ site, tag, model },
  };
}

/** The rule that a form says; `taken` are the ids that there are. */
export function ruleOf(draft: RuleDraft, taken: readonly string[]): NewRule {
  const { unit, of } = ALARM_KINDS[draft.kind];
  const given = { site: draft.site.trim(), tag: draft.tag.trim(), model: draft.model.trim() };
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  return {
    id: draft.id || freeId(draft.kind, taken),
    kind: draft.kind,
    name: draft.name.trim(),
    enabled: draft.enabled,
    severity: draft.severity,
    delaySeconds: draft.delaySeconds,
    threshold: unit === null ? null : orNull(draft.threshold),
    clearThreshold: unit === null ? null : orNull(draft.clearThreshold),
    clearSeconds: draft.clearSeconds,
    repeatSeconds: draft.repeatSeconds,
    filter: of === 'gateway' && Object.keys(filter).length > 0 ? filter : null,
  };
}

function orNull(value: number | ''): number | null {
  return value === '' ? null : value;
}

function freeId(kind: RuleKind, taken: readonly string[]): string {
  let number = 2;
  while (taken.includes(`${kind}-${number}`)) number += 1;
  return `${kind}-${number}`;
}
