import type { WallLine, WallSite, WallState } from '../../../api/wall-state.js';
import { chart } from './chart.js';
import { element, sign } from './elements.js';
import { type Tone, toneOfSite } from './whole.js';
import { count, length, readable, t } from './words.js';

const SEVERITIES = ['critical', 'warning', 'info'] as const;
const TONES: Record<(typeof SEVERITIES)[number], Tone> = {
  critical: 'critical',
  warning: 'warning',
  info: 'quiet',
};
/** With so few lines there is room for what to do first with each. */
const FEW_LINES = 3;

/** How many alarms of each severity are open, and how many gateways are not there. */
export function tally({ alarms, counts }: WallState): HTMLElement[] {
  const open = SEVERITIES.filter((severity) => alarms[severity] > 0).map((severity) =>
    figure(TONES[severity], t(`severity-${severity}`), alarms[severity]),
  );
  const missing = counts.offline > 0 ? [figure(null, t('offline'), counts.offline)] : [];
  const never = counts.never_seen > 0 ? [figure(null, t('neverSeen'), counts.never_seen)] : [];
  return [...open, ...missing, ...never];
}

function figure(tone: Tone | null, name: string, value: number): HTMLElement {
  const content = [`${name} `, element('b', '', count(value))];
  return element('span', 'figure', ...(tone === null ? [] : [sign(tone)]), ...content);
}

/** What is wrong, the worst first. `now`: ms since the epoch by the server's clock. */
export function alarmSection({ lines, alarms }: WallState, now: number): HTMLElement {
  const total = alarms.critical + alarms.warning + alarms.info;
  if (total === 0) return element('section', 'alarms none', sign('good'), element('h2', '', t('noAlarms')));
  const list = element(
    'ol',
    'fits',
    ...lines.map((line, place) => alarmLine(line, place, lines.length, now)),
  );
  list.dataset.total = `${total}`;
  list.dataset.shown = lines.map((line) => line.alarms).join(' ');
  return element('section', 'alarms', heading(t('alarms')), list);
}

function alarmLine(line: WallLine, place: number, of: number, now: number): HTMLElement {
  const { severity, clientids, alarms, site, acknowledgedBy } = line;
  const text = alarms > 1 ? t('comeAndGo', { count: count(alarms) }) : readable(line.text);
  const name = clientids.join(', ') + (alarms > clientids.length && clientids.length > 0 ? ' …' : '');
  const head = element('div', 'head', element('b', '', ...(name === '' ? [text] : [bdi(name)])));
  if (site !== null && site !== '') head.append(element('span', 'site', bdi(site)));
  head.append(element('span', 'age', length(now - Date.parse(line.since))));
  const what = element('div', 'what', head);
  if (name !== '') what.append(element('p', '', text));
  if (line.advice !== '' && (place === 0 || of <= FEW_LINES))
    what.append(element('p', 'soft', readable(line.advice)));
  if (acknowledgedBy !== null)
    what.append(element('p', 'soft', t('acknowledgedBy', { who: acknowledgedBy })));
  const made = element('li', `line ${TONES[severity]}`, sign(TONES[severity]), what);
  made.dataset.severity = severity;
  return made;
}

/** How many are online, of how many, and how that was over a day. */
export function presenceSection({ counts, overTime }: WallState): HTMLElement {
  const expected = counts.online + counts.offline;
  return element(
    'section',
    'presence',
    element(
      'p',
      'online',
      element('span', 'soft', t('online')),
      element('b', '', count(counts.online)),
      element('span', 'soft', t('ofExpected', { count: count(expected) })),
    ),
    ...(overTime.length > 1 ? [chart(overTime, expected)] : []),
  );
}

/** All sites as tiles, the worst first; null where there is nothing to tell apart. */
export function siteSection({ sites, otherSites }: WallState): HTMLElement | null {
  if (sites.length === 0 || (sites.length === 1 && sites[0]!.site === '')) return null;
  const list = element('ul', 'tiles fits', ...sites.map(tile));
  list.dataset.total = `${sites.length + otherSites}`;
  return element('section', 'sites', heading(t('sites')), list);
}

function tile(site: WallSite): HTMLElement {
  const tone = toneOfSite(site);
  const { online, offline } = site;
  const told =
    offline > 0
      ? `${t('offline')} ${count(offline)} / ${count(online + offline)}`
      : `${t('online')} ${count(online)}`;
  const made = element(
    'li',
    `tile ${tone}`,
    sign(tone),
    element(
      'div',
      'what',
      element('b', '', bdi(site.site === '' ? t('noSite') : site.site)),
      element('span', '', told),
    ),
  );
  made.dataset.site = site.site;
  return made;
}

function heading(text: string): HTMLElement {
  return element('h2', '', text, element('span', 'soft others'));
}

function bdi(text: string): HTMLElement {
  return element('bdi', '', text);
}

/** Takes what is cut off at the end of a list out of it, and says in its heading how many that are. */
export function takeOutCut(page: HTMLElement): void {
  for (const list of page.querySelectorAll<HTMLElement>('.fits')) {
    while (list.childElementCount > 1 && list.scrollHeight > list.clientHeight + 1)
      list.lastElementChild!.remove();
    const { shown, total } = list.dataset;
    const weights = shown?.split(' ').map(Number) ?? [];
    let seen = 0;
    for (let place = 0; place < list.childElementCount; place += 1) seen += weights[place] ?? 1;
    const others = list.parentElement!.querySelector('.others');
    if (others !== null && Number(total) > seen)
      others.textContent = t('others', { count: count(Number(total) - seen) });
  }
}
