import type { Site, SiteClock, Window } from '../../../manager/sites/site.js';
import { DAYS } from '../../../manager/sites/site-bounds.js';
import { absolute } from '../../client/i18n/times.js';
import { t } from './translate.js';

/** A window in words: `Sat, Sun 02:00–05:00`. */
export function windowInWords(window: Window): string {
  if ('cron' in window) return t('windowByCron', { cron: window.cron, n: window.minutes });
  const { days, from, to } = window;
  const which =
    days.length === DAYS.length ? t('everyDay') : days.map((day) => t('dayName', { day })).join(', ');
  return `${which} ${from}–${to}`;
}

/** Whether jobs may begin something on a site now, in words, with the next change. */
export function clockInWords({ isOpen, opensAt, closesAt, freeze }: SiteClock): string {
  const change = closesAt ?? opensAt;
  const time = change === null ? '' : absolute(change);
  if (isOpen) return change === null ? t('alwaysOpen') : t('openUntil', { time });
  if (freeze === null) return change === null ? t('neverOpens') : t('opensAt', { time });
  return change === null ? t('frozen', { reason: freeze }) : t('frozenUntil', { reason: freeze, time });
}

/** The name of a site; that of the default has none. */
export function siteName({ name }: Pick<Site, 'name'>): string {
  return name === '' ? t('defaultSite') : name;
}
