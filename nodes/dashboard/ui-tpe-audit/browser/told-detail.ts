import type { AuditEntry } from '../../../manager/audit/audit-entry.js';
import { RISK_CLASSES, RISKS } from '../../../manager/catalogue/risk.js';
import { isJsonObject } from '../../../manager/shared/json-object.js';
import { t as sharedT } from '../../client/i18n/translate.js';
import { othersOf } from './job-detail.js';
import { t } from './translate.js';

/** A value of an entry, and the one that it took the place of; null: there was none, or it is not known. */
export interface ToldValue {
  name: string;
  label: string;
  value: string;
  was: string | null;
}

/** What the row shows in another way: as a link, as the gateways, or as the door. */
const SHOWN_ELSEWHERE = new Set([
  'clientids',
  'gateways',
  'requestId',
  'installation',
  'was',
  'call',
  'user',
  'userId',
]);

const RATED = [...RISKS, ...RISK_CLASSES];

/** The values of an entry for a reader, each with the old one where it is known. `taskOf` says what an operation does, by its id. */
export function valuesOf(entry: AuditEntry, taskOf: (operation: string) => string): ToldValue[] {
  const others = othersOf(entry);
  const was = isJsonObject(others.was) ? others.was : {};
  const names = [...new Set([...Object.keys(others), ...Object.keys(was)])];
  return names
    .filter((name) => !SHOWN_ELSEWHERE.has(name) && !isBlank(others[name] ?? was[name]))
    .map((name) => ({
      name,
      label: t('field', { field: name }),
      value: name in others ? inWords(called(name, others[name], taskOf)) : tagsAfter(others, was[name]),
      was: name in was ? inWords(was[name]) : null,
    }));
}

/** What was done, in words; an action that has none gives its name. */
export function actionInWords({ action }: Pick<AuditEntry, 'action'>): string {
  return t('actionName', { action: action.replaceAll('.', '_'), name: action });
}

/** What the page has names for, by them; all else as it is. */
function called(name: string, value: unknown, taskOf: (operation: string) => string): unknown {
  if (name === 'operation' && typeof value === 'string') return taskOf(value);
  if (name === 'risk') return risked(value);
  if (name === 'classes' && Array.isArray(value)) return value.map(risked);
  return value;
}

function risked(value: unknown): unknown {
  const known = RATED.find((one) => one === value);
  return known === undefined ? value : sharedT(known);
}

/** The tags of a gateway after tags were added and removed. */
function tagsAfter({ addTags, removeTags }: Record<string, unknown>, before: unknown): string {
  const removed = new Set(listOf(removeTags));
  return inWords([...new Set([...listOf(before).filter((tag) => !removed.has(tag)), ...listOf(addTags)])]);
}

function inWords(value: unknown): string {
  if (value === null || value === '') return t('nothing');
  if (typeof value === 'boolean') return t('yesNo', { is: String(value) });
  if (Array.isArray(value))
    return value.length === 0
      ? t('nothing')
      : value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isBlank(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
