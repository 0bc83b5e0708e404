import { createSiteWindows, type SiteWindows } from './clock.js';
import { type SiteRow, timesOf } from './site-row.js';

const MOST_KEPT = 10_000;

/** Keeps what was worked out of the windows of sites, until one of them is set anew. */
export interface KeptWindows {
  of(row: SiteRow | undefined, fallback: SiteRow | undefined): SiteWindows;
}

export function keepWindows(): KeptWindows {
  const kept = new Map<string, { version: string; windows: SiteWindows }>();
  return {
    of(row, fallback) {
      const name = row?.name ?? '';
      const version = [row, fallback].map(versionOf).join(' ');
      const known = kept.get(name);
      if (known?.version === version) return known.windows;
      const windows = createSiteWindows(timesOf(row, fallback));
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(name, { version, windows });
      return windows;
    },
  };
}

/** A site that was removed and set again begins with its first version anew. */
function versionOf(row: SiteRow | undefined): string {
  return row === undefined ? '' : `${row.version}@${row.set_at.getTime()}`;
}
