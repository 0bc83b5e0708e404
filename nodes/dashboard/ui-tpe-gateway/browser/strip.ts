import type { AnswerOf } from '../../../api/procedures/index.js';
import type { Severity } from '../../../manager/alarms/alarm-rule.js';
import { TIMELINE_KINDS, type TimelineKind } from '../../../manager/timeline/timeline-kinds.js';
import { SEVERITIES } from '../../client/composables/alarm-kinds.js';
import { type StateTone, toneOf } from '../../client/composables/state-tones.js';

type Drawn = Pick<AnswerOf<'gateways.timeline'>, 'spans' | 'marks' | 'cutAt'>;

/** What is drawn of one thing; `left` and `width` in percent of the strip. */
export interface Bar {
  kind: TimelineKind;
  left: number;
  width: number;
  /** By which it has colour and pattern. */
  tone: StateTone | 'online' | 'offline' | 'unknown';
  state: string;
  what: string;
  at: string;
  /** Null: it still lasts. */
  until: string | null;
}

export interface Lane {
  kind: TimelineKind;
  bars: Bar[];
  /** How much of the strip, from its beginning, is left out because there is too much, in percent. */
  cut: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The lanes of the strip from `from` to `to`, ms since the epoch: presence, and each kind of which there is something. */
export function lanesOf({ spans, marks, cutAt }: Drawn, from: number, to: number): Lane[] {
  const place = (at: number) => (100 * Math.min(Math.max(at - from, 0), to - from)) / (to - from);
  const bar = (
    kind: TimelineKind,
    tone: Bar['tone'],
    given: Pick<Bar, 'at' | 'until' | 'state' | 'what'>,
  ): Bar => {
    const left = place(Date.parse(given.at));
    const right = given.until === null ? 100 : place(Date.parse(given.until));
    return { kind, tone, left, width: Math.max(0, right - left), ...given };
  };
  return TIMELINE_KINDS.map((kind) => {
    const bars =
      kind === 'presence'
        ? spans.map(({ from: at, to: until, status }) =>
            bar(kind, status, { at, until, state: status, what: '' }),
          )
        : marks
            .filter((mark) => mark.kind === kind)
            .map((mark) => bar(kind, markTone(kind, mark.state), mark));
    const begins = cutAt[kind];
    return { kind, bars, cut: begins === undefined ? 0 : place(Date.parse(begins)) };
  }).filter(({ kind, bars }) => kind === 'presence' || bars.length > 0);
}

/** The tone of what is no presence. */
export function markTone(kind: TimelineKind, state: string): StateTone {
  if (kind === 'edit') return 'neutral';
  if (kind !== 'alarm') return toneOf(state);
  return state in SEVERITIES ? (SEVERITIES[state as Severity].tone as StateTone) : 'bad';
}

/** The times on the axis, ms since the epoch: whole hours for a day, else midnights of the browser's time zone; at most seven. */
export function ticksOf(from: number, to: number): { at: number; isDay: boolean }[] {
  const isDay = to - from > 2 * DAY_MS;
  const step = isDay
    ? Math.max(1, Math.ceil((to - from) / DAY_MS / 7))
    : Math.max(1, Math.ceil((to - from) / HOUR_MS / 6));
  const tick = new Date(from);
  if (isDay) tick.setHours(24, 0, 0, 0);
  else tick.setHours(Math.ceil((tick.getHours() + 1) / step) * step, 0, 0, 0);
  const ticks: { at: number; isDay: boolean }[] = [];
  while (tick.getTime() <= to) {
    ticks.push({ at: tick.getTime(), isDay });
    // By the calendar, since a day may have 23 or 25 hours.
    if (isDay) tick.setDate(tick.getDate() + step);
    else tick.setHours(tick.getHours() + step);
  }
  return ticks;
}
