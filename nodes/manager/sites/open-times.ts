import { Cron } from 'croner';
import { localTime } from './local-time.js';
import type { DaysWindow, Freeze, SiteTimes, Window } from './site.js';

// When windows open and close, as instants. All times are ms since the epoch. A local time that does not exist counts as the first moment after
// it, and of one that exists twice the first counts; `minutes` are minutes that pass, whatever clocks do meanwhile.

/** A stretch of time, `to` is no part of it. */
export interface Stretch {
  from: number;
  to: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What is open from `from` to `to` at some time, joined and in order; stretches that begin before or end after are cut there. */
export function openTimes({ zone, windows, freezes }: SiteTimes, from: number, to: number): Stretch[] {
  const open =
    windows.length === 0
      ? [{ from, to }]
      : joined(windows.flatMap((window) => timesOf(window, zone, from, to)));
  const shut = joined(freezes.map((freeze) => frozen(freeze, zone)));
  return without(open, shut)
    .map((one) => ({ from: Math.max(one.from, from), to: Math.min(one.to, to) }))
    .filter((one) => one.to > one.from);
}

/** The freeze that holds at `now`; undefined if none does. */
export function freezeAt({ zone, freezes }: SiteTimes, now: number): Freeze | undefined {
  return freezes.find((freeze) => {
    const { from, to } = frozen(freeze, zone);
    return from <= now && now < to;
  });
}

/** A window by days is open for a day at most, and a day with a change of clocks has up to two hours more. */
const LONGEST_DAY_MS = 26 * 60 * MINUTE;

function timesOf(window: Window, zone: string, from: number, to: number): Stretch[] {
  const opens = scheduleOf(openingOf(window), zone);
  const longest = 'cron' in window ? window.minutes * MINUTE : LONGEST_DAY_MS;
  const found: Stretch[] = [];
  // A window that opened before may still be open.
  for (let at = next(opens, from - longest - 1); at !== null && at < to; at = next(opens, at)) {
    const end = 'cron' in window ? at + longest : closing(window, zone, at);
    // Where clocks jump over all of a window, it does not open.
    if (end > from && end > at) found.push({ from: at, to: end });
  }
  return found;
}

/** The cron expression at whose times a window opens. */
export function openingOf(window: Window): string {
  if ('cron' in window) return window.cron;
  const [hours, minutes] = window.from.split(':').map(Number);
  return `${minutes} ${hours} * * ${window.days.join(',')}`;
}

/** When a window closes that opened at `at`: on the day there, or on the day after. */
function closing({ from, to }: DaysWindow, zone: string, at: number): number {
  const date = localTime(at, zone).slice(0, 10);
  return instantOf(to > from ? date : dayAfter(date), to, zone);
}

function frozen({ from, to }: Freeze, zone: string): Stretch {
  return { from: beginOf(from, zone), to: beginOf(dayAfter(to), zone) };
}

/** The first moment of a day. */
function beginOf(date: string, zone: string): number {
  return instantOf(date, '00:00', zone);
}

/** When clocks show this date and time for the first time, or jump over it. */
function instantOf(date: string, time: string, zone: string): number {
  const utc = Date.parse(`${date}T${time}:00Z`);
  const schedule = new Cron(`${date}T${time}:00`, { timezone: zone, paused: true });
  return next(schedule, utc - 2 * DAY) ?? utc;
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
}

const schedules = new Map<string, Cron>();
const MOST_SCHEDULES = 5000;

/** Reading an expression takes longer than asking it. */
function scheduleOf(pattern: string, zone: string): Cron {
  const key = `${zone} ${pattern}`;
  let schedule = schedules.get(key);
  if (schedule === undefined) {
    if (schedules.size >= MOST_SCHEDULES) schedules.clear();
    schedule = new Cron(pattern, { timezone: zone, paused: true });
    schedules.set(key, schedule);
  }
  return schedule;
}

function next(schedule: Cron, after: number): number | null {
  return schedule.nextRun(new Date(after))?.getTime() ?? null;
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const one of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && one.from <= last.to) last.to = Math.max(last.to, one.to);
    else result.push({ ...one });
  }
  return result;
}

/** `open` without `shut`; both joined and in order. */
function without(open: readonly Stretch[], shut: readonly Stretch[]): Stretch[] {
  let left: Stretch[] = [...open];
  for (const hole of shut) {
    left = left.flatMap((one) => [
      { from: one.from, to: Math.min(one.to, hole.from) },
      { from: Math.max(one.from, hole.to), to: one.to },
    ]);
    left = left.filter((one) => one.to > one.from);
  }
  return left;
}
