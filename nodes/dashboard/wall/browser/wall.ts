import { element, sign } from './elements.js';
import { type Heard, hear, type Refused } from './hearing.js';
import { alarmSection, presenceSection, siteSection, takeOutCut, tally } from './sections.js';
import styles from './wall.css?inline';
import { type Tone, wholeOf } from './whole.js';
import { clock, count, language, length, t } from './words.js';

/** After so long without news, nothing on the screen counts as being so now. */
const LATE_MS = 20_000;
const VERSION = (document.currentScript as HTMLScriptElement | null)?.dataset.version ?? '';
const RELOADED_FOR = 'tpedm-wall-reloaded';

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets = [sheet];
document.documentElement.lang = language;
document.documentElement.dataset.theme =
  new URLSearchParams(location.search).get('theme') === 'light' ? 'light' : 'dark';
document.title = t('title');

const top = element('header', '');
const main = element('main', '');
document.body.append(top, main);

let shown: Heard | null = null;
const hearing = hear(() => {
  reloadWhenNew();
  show();
});
setInterval(show, 1000);
addEventListener('resize', () => {
  shown = null;
  show();
});
void keepAwake();
document.addEventListener('visibilitychange', () => void keepAwake());
show();

/** Shows what is known as what it is: new, old, or nothing. */
function show(): void {
  const state = hearing.state();
  const refused = hearing.refused();
  const isLate = state !== null && hearing.elapsed() > LATE_MS;
  document.body.classList.toggle('late', isLate);
  if (state === null) {
    shown = null;
    main.replaceChildren();
    return banner('unknown', ...(refused === null ? waiting() : admission(refused)));
  }
  const heard = Date.parse(state.at);
  if (state !== shown) draw(state);
  if (isLate) {
    const time = clock(heard, { seconds: true });
    const detail = t('noContactDetail', { length: length(hearing.elapsed()) });
    return banner('unknown', t('noContact', { time }), [detail]);
  }
  const { tone, headline } = wholeOf(state);
  banner(tone, t(headline), detailOf(state), asOf(state));
}

function draw(state: Heard): void {
  shown = state;
  const sites = siteSection(state);
  const now = Date.parse(state.at);
  main.replaceChildren(alarmSection(state, now), presenceSection(state), ...(sites === null ? [] : [sites]));
  takeOutCut(main);
}

/** Replaces the banner where it says something else than before, since some read pages aloud. */
function banner(tone: Tone, headline: string, detail: (Node | string)[], aside: Node[] = []): void {
  const made = [
    sign(tone),
    element('div', 'whole', element('h1', '', headline), element('div', 'detail', ...detail)),
    element('div', 'aside', ...aside),
  ];
  const key = `${tone} ${made.map(({ textContent }) => textContent).join('|')}`;
  if (top.dataset.key === key) return;
  top.dataset.key = key;
  top.className = tone;
  top.dataset.tone = tone;
  top.replaceChildren(...made);
}

function detailOf(state: Heard): (Node | string)[] {
  const { isBrokerThere, presenceAsOf, counts, at } = state;
  if (!isBrokerThere || presenceAsOf !== null) {
    const words = t('unknownDetail', { time: clock(Date.parse(presenceAsOf ?? at)) });
    return [element('span', '', words), ...tally(state)];
  }
  const told = tally(state);
  return told.length > 0 ? told : [t('wellDetail', { count: count(counts.online) })];
}

/** When this was so, large, and what happened last. */
function asOf({ at, lastChange }: Heard): Node[] {
  const time = element(
    'p',
    'time',
    element('span', 'soft', t('asOf')),
    element('b', '', clock(Date.parse(at), { seconds: true })),
  );
  if (lastChange === null) return [time];
  const { clientid, online } = lastChange;
  const what = online ? t('wentOnline', { clientid }) : t('wentOffline', { clientid });
  const words = `${t('lastChange')} ${clock(Date.parse(lastChange.at))}`;
  return [time, element('p', 'last soft', words, element('br', ''), element('bdi', '', what))];
}

function waiting(): [string, string[]] {
  return [t('connecting'), [t('connectingDetail')]];
}

function admission(why: Refused): [string, (Node | string)[]] {
  const link = element('a', 'button', t('signIn')) as HTMLAnchorElement;
  link.href = `../login/?next=${encodeURIComponent(hearing.place() + location.search)}`;
  return [t('refused'), [element('span', '', t(why)), link]];
}

/** After an update of the server the page loads itself again, once. */
function reloadWhenNew(): void {
  const version = hearing.state()?.version;
  if (version === undefined || version === VERSION) return;
  try {
    if (sessionStorage.getItem(RELOADED_FOR) === version) return;
    sessionStorage.setItem(RELOADED_FOR, version);
  } catch {
    // Without storage it might load itself without end.
    return;
  }
  location.reload();
}

/** Keeps the screen on where the browser can. */
async function keepAwake(): Promise<void> {
  if (document.visibilityState !== 'visible') return;
  await navigator.wakeLock?.request('screen').catch(() => undefined);
}
