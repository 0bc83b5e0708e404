import type { AuditEntry } from '../../../manager/audit/audit-entry.js';
import { count } from '../../client/i18n/times.js';
import { t } from './translate.js';

/** What the detail of an act on a job says that the row has in words, or that the page of the job shows. */
const TOLD = new Set([
  'job',
  'name',
  'risk',
  'classes',
  'gateways',
  'retried',
  'skipped',
  'force',
  'changed',
  'which',
]);

/** What an entry says of a job: how many gateways it is for, of how many this was so, and what narrowed it. */
export function jobInWords({ detail }: AuditEntry): string[] {
  const told: string[] = [];
  const number = (name: string) => (typeof detail[name] === 'number' ? (detail[name] as number) : null);
  for (const name of ['gateways', 'retried', 'skipped'] as const) {
    const n = number(name);
    if (n !== null) told.push(t(name, { n, count: count(n) }));
  }
  if (detail.force === true) told.push(t('forced'));
  if (Array.isArray(detail.changed) && detail.changed.length > 0)
    told.push(t('changed', { fields: detail.changed.join(', ') }));
  return told;
}

/** What is left of a detail, for which there are no words. */
export function othersOf({ detail, job }: AuditEntry): Record<string, unknown> {
  if (job === null) return detail;
  return Object.fromEntries(Object.entries(detail).filter(([name]) => !TOLD.has(name)));
}
