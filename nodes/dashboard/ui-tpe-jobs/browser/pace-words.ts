import type { JobPace } from '../../../manager/jobs/definition/definition.js';
import type { JobLimit, JobPreview } from '../../../manager/jobs/job.js';
import { byteSize, count, duration } from '../../client/i18n/times.js';
import { t } from './translate.js';

const DAY_S = 86_400;

/** How fast a job goes, in a sentence. */
export function paceInWords({ maxPerMinute, maxInProgress, perSite }: JobPace): string {
  const values = { rate: count(maxPerMinute), atOnce: count(maxInProgress), perSite: count(perSite ?? 0) };
  return perSite === null ? t('pace', values) : t('paceWithSites', values);
}

/** Where the guard allows fewer than the pace asks for, in a sentence. */
export function limitInWords({ scope, asked, count: all, first }: JobLimit): string {
  const named = first.map(({ value, max }) => (value === '' ? count(max) : `${value}: ${count(max)}`));
  const more = all > first.length ? [t('andMore', { n: all - first.length })] : [];
  return t('guardLimit', { scope, asked: count(asked), where: [...named, ...more].join(', ') });
}

/** How long a job takes at least, in a sentence. */
export function timeInWords(seconds: number): string {
  const time = seconds < 2 * DAY_S ? duration(seconds * 1000) : t('days', { n: Math.round(seconds / DAY_S) });
  return t('takes', { time });
}

/** What the gateways load, in a sentence; blank where they load nothing, or where it is not known. */
export function loadInWords({ bytes, bytesPerSecond }: Pick<JobPreview, 'bytes' | 'bytesPerSecond'>): string {
  if (bytes === null || bytes === 0) return '';
  return t('loads', { all: byteSize(bytes), rate: byteSize(bytesPerSecond ?? 0) });
}
