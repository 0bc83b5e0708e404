import type { NewSite, Site } from '../manager/sites/site.js';
import type { Sites } from '../manager/sites/sites.js';

/** What the audit tells of a site that is set: each value, and the one before it where it is another. */
export async function siteDetail(
  given: NewSite,
  sites: Pick<Sites, 'get'>,
): Promise<Record<string, unknown>> {
  const before = await sites.get(given.name).catch(() => null);
  const now = valuesOf(given);
  const was = before === null ? {} : valuesOf(before);
  const changed = Object.entries(was).filter(([name, value]) => now[name] !== value);
  return { site: given.name, ...now, ...(changed.length > 0 && { was: Object.fromEntries(changed) }) };
}

function valuesOf({ zone, windows, freezes, contact }: NewSite | Site): Record<string, unknown> {
  return {
    zone: zone ?? null,
    windows: (windows ?? []).map(inWords).join(', '),
    freezes: (freezes ?? []).map(({ from, to, reason }) => `${from} – ${to} ${reason}`).join(', '),
    contact: contact ?? '',
  };
}

function inWords(window: NonNullable<NewSite['windows']>[number]): string {
  if ('cron' in window) return `${window.cron}, ${window.minutes} min`;
  return `${window.days.join(' ')} ${window.from}–${window.to}`;
}
