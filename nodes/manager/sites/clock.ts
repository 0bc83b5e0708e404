import { yieldToEventLoop } from '../shared/yield-to-event-loop.js';
import { freezeAt, openTimes, type Stretch } from './open-times.js';
import type { SiteClock, SiteTimes } from './site.js';

// What the windows of a site say at some time. All times are ms since the epoch.

const DAY = 24 * 60 * 60_000;
/** So far is looked at once; most windows come back within a week. */
const PIECE = 8 * DAY;
/** Farther away than this, nobody plans by windows. */
export const HORIZON_DAYS = 104;

/** When something that takes `needMs` may be begun: now, or from when on; null: in none of the windows. */
export type Beginning = { now: true } | { now: false; opensAt: number | null };

/** The windows of a site from some day on. What has been found out is kept, since it is asked for with each claim. */
export interface SiteWindows {
  /** The zone that holds. */
  zone: string;
  /** When something may be begun that takes so long, within one window. */
  beginning(now: number, needMs: number): Promise<Beginning>;
  clock(now: number): Promise<SiteClock>;
}

/** What was found out from some time on. */
interface Found {
  from: number;
  until: number;
  stretches: Stretch[];
}

export function createSiteWindows(times: SiteTimes): SiteWindows {
  let found: Found | null = null;

  /** The stretches that end after `now`, read piece by piece: some windows take milliseconds for each week. */
  async function* stretches(now: number): AsyncGenerator<Stretch> {
    if (found === null || now < found.from || now >= found.from + DAY) {
      found = { from: now, until: now + PIECE, stretches: openTimes(times, now, now + PIECE) };
    }
    const own = found;
    for (let place = 0; ; place += 1) {
      // The last one may go on in the next piece.
      while (place >= own.stretches.length - 1 && own.until < endOf(own)) {
        await yieldToEventLoop();
        addPiece(times, own);
      }
      const one = own.stretches[place];
      if (one === undefined) return;
      if (one.to > now) yield one;
    }
  }

  return {
    zone: times.zone,
    async beginning(now, needMs) {
      for await (const one of stretches(now)) {
        const begin = Math.max(one.from, now);
        if (one.to - begin < needMs && !isEndless(one, now)) continue;
        return begin === now ? { now: true } : { now: false, opensAt: one.from };
      }
      return { now: false, opensAt: null };
    },
    async clock(now) {
      const first = (await stretches(now).next()).value as Stretch | undefined;
      const isOpen = first !== undefined && first.from <= now;
      return {
        isOpen,
        opensAt: isOpen || first === undefined ? null : new Date(first.from).toISOString(),
        closesAt: isOpen && !isEndless(first, now) ? new Date(first.to).toISOString() : null,
        freeze: freezeAt(times, now)?.reason ?? null,
      };
    },
  };
}

/** Until when is looked. */
function endOf({ from }: Found): number {
  return from + HORIZON_DAYS * DAY;
}

function addPiece(times: SiteTimes, found: Found): void {
  const { until, stretches } = found;
  const last = stretches.at(-1);
  const [first, ...others] = openTimes(times, until, until + PIECE);
  const goesOn = first !== undefined && last?.to === until && first.from === until;
  if (goesOn) last.to = first.to;
  else if (first !== undefined) stretches.push(first);
  stretches.push(...others);
  found.until += PIECE;
}

/** Whether something is open for longer than any window, and as far as anybody looks. */
function isEndless({ from, to }: Stretch, now: number): boolean {
  return to - Math.max(from, now) > (HORIZON_DAYS - 2) * DAY;
}
