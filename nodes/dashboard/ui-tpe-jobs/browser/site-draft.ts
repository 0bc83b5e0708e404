import type { Freeze, NewSite, Site, Window } from '../../../manager/sites/site.js';
import { DAYS } from '../../../manager/sites/site-bounds.js';

/** A window that a person is filling in, by days or by a cron expression. */
export interface WindowDraft {
  /** Tells windows apart while they are removed. */
  key: number;
  kind: 'days' | 'cron';
  days: (typeof DAYS)[number][];
  from: string;
  to: string;
  cron: string;
  minutes: number | '';
}

export interface SiteDraft {
  name: string;
  zone: string;
  windows: WindowDraft[];
  freezes: (Freeze & { key: number })[];
  contact: string;
}

/** What is kept of a form from before has keys of before. */
let lastKey = Date.now();
function nextKey(): number {
  lastKey += 1;
  return lastKey;
}

/** A night at the weekend, as a beginning. */
export function emptyWindow(): WindowDraft {
  return {
    ...{ key: nextKey(), kind: 'days', days: ['sat', 'sun'], from: '02:00', to: '05:00' },
    ...{ cron: '0 22 * * FRI#L', minutes: 360 },
  };
}

export function emptyFreeze(): SiteDraft['freezes'][number] {
  return { key: nextKey(), from: '', to: '', reason: '' };
}

/** What a person begins with who changes a site; null: a new one. */
export function draftOfSite(site: Site | null): SiteDraft {
  return {
    name: site?.name ?? '',
    zone: site?.zone ?? '',
    windows: (site?.windows ?? []).map(draftOfWindow),
    freezes: (site?.freezes ?? []).map((freeze) => ({ ...freeze, key: nextKey() })),
    contact: site?.contact ?? '',
  };
}

function draftOfWindow(window: Window): WindowDraft {
  return 'cron' in window
    ? { ...emptyWindow(), kind: 'cron', ...window }
    : { ...emptyWindow(), kind: 'days', ...window, days: [...window.days] };
}

/** The site as the server takes it. */
export function siteOf({ name, zone, windows, freezes, contact }: SiteDraft): NewSite {
  return {
    name: name.trim(),
    zone: zone.trim() || null,
    windows: windows.map(windowOf),
    freezes: freezes.map(({ from, to, reason }) => ({ from, to: to || from, reason: reason.trim() })),
    contact: contact.trim(),
  };
}

function windowOf({ kind, days, from, to, cron, minutes }: WindowDraft): Window {
  if (kind === 'cron') return { cron: cron.trim(), minutes: minutes as number };
  return { days: DAYS.filter((day) => days.includes(day)), from, to };
}
