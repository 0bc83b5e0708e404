import type { FleetMarks } from '../../../api/procedures/fleet.js';
import type { UiState } from '../../client/composables/use-pages.js';
import { count } from '../../client/i18n/times.js';
import { t } from './translate.js';

/** A number beside a page in the menu, with what it counts in words. */
export interface MenuMark {
  page: string;
  tone: 'bad' | 'warning';
  number: string;
  words: string;
}

/** The server counts no further. */
const MOST = 20;
/** Two digits and a plus have room. */
const MOST_SHOWN = 999;

/** What asks for attention, by the widget whose page shows it. Several of one page are one number, of the worst tone. */
const OF_WIDGETS: Record<
  string,
  (marks: FleetMarks) => { n: number; tone: MenuMark['tone']; words: string }[]
> = {
  'ui-tpe-gateways': ({ offline }) => [{ n: offline, tone: 'bad', words: t('offlineMark', { n: offline }) }],
  'ui-tpe-alarms': ({ alarms }) => [{ n: alarms, tone: 'warning', words: t('alarmsMark', { n: alarms }) }],
  'ui-tpe-updates': ({ failedInstallations: n }) => [
    { n, tone: 'bad', words: t('failedInstallationsMark', { n, count: upTo(n, MOST) }) },
  ],
  'ui-tpe-jobs': ({ failedJobs: n, paused }) => [
    { n, tone: 'bad', words: t('failedJobsMark', { n, count: upTo(n, MOST) }) },
    { n: paused, tone: 'warning', words: t('pausedMark', { n: paused, count: upTo(paused, MOST) }) },
  ],
};

/** The numbers beside the pages of the menu; nothing for a zero. */
export function menuMarks({ groups, widgets }: UiState, marks: FleetMarks): MenuMark[] {
  const found = new Map<string, MenuMark>();
  for (const { type, props } of Object.values(widgets)) {
    const page = groups[props.group ?? '']?.page;
    const parts = (OF_WIDGETS[type]?.(marks) ?? []).filter(({ n }) => n > 0);
    if (page === undefined || parts.length === 0 || found.has(page)) continue;
    const all = parts.reduce((sum, { n }) => sum + n, 0);
    const isCapped = type !== 'ui-tpe-gateways' && type !== 'ui-tpe-alarms';
    found.set(page, {
      page,
      tone: parts.some(({ tone }) => tone === 'bad') ? 'bad' : 'warning',
      number:
        isCapped && parts.some(({ n }) => n >= MOST) ? upTo(all, Math.min(all, MOST)) : upTo(all, MOST_SHOWN),
      words: parts.map(({ words }) => words).join(', '),
    });
  }
  return [...found.values()];
}

function upTo(n: number, most: number): string {
  return n >= most ? `${count(most)}+` : count(n);
}
