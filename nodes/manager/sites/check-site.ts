import { Cron } from 'croner';
import { badField } from '../shared/invalid-input.js';
import type { Reason } from '../shared/reason.js';
import { isStorable } from '../shared/text.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';
import { isZone } from './local-time.js';
import { type Freeze, type NewSite, parseNewSite, type Window } from './site.js';
import { siteReason } from './site-reasons.js';

/** A site with all that can be set of it. */
export type CheckedSite = Required<NewSite>;

/** Checks a site as callers give it. Throws INVALID_INPUT with the place of the fault. */
export function checkSite(given: unknown): CheckedSite {
  const { name, zone = null, windows = [], freezes = [], contact = '' } = parseNewSite(given);
  for (const [field, text] of Object.entries({ name, contact }))
    if (!isStorable(text)) throw badField(field, 'text that the database can store');
  if (zone !== null && !isZone(zone)) throw wrong('zone', siteReason('site-zone-unknown', { zone }));
  for (const [index, window] of windows.entries()) checkWindow(window, `windows.${index}.cron`);
  for (const [index, freeze] of freezes.entries()) checkFreeze(freeze, `freezes.${index}`);
  return { name, zone, windows, freezes, contact };
}

function checkWindow(window: Window, field: string): void {
  if (!('cron' in window)) return;
  const { cron } = window;
  const fields = cron.trim().split(/\s+/).length;
  if (fields !== 5)
    throw wrong(field, siteReason('site-cron-wrong', { cron, reason: `it has ${fields} fields, not 5` }));
  if (nextOf(cron, field) === null) throw wrong(field, siteReason('site-cron-never', { cron }));
}

function nextOf(cron: string, field: string): Date | null {
  try {
    return new Cron(cron, { timezone: 'UTC', paused: true }).nextRun();
  } catch (error) {
    throw wrong(field, siteReason('site-cron-wrong', { cron, reason: messageOf(error) }));
  }
}

function checkFreeze({ from, to, reason }: Freeze, field: string): void {
  for (const [name, date] of [
    ['from', from],
    ['to', to],
  ] as const)
    if (!isDay(date)) throw wrong(`${field}.${name}`, siteReason('site-no-such-day', { date }));
  if (to < from) throw wrong(`${field}.to`, siteReason('site-freeze-backwards', { from, to }));
  if (!isStorable(reason)) throw badField(`${field}.reason`, 'text that the database can store');
}

/** 2026-02-30 has the form of a day. */
function isDay(date: string): boolean {
  const at = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
}

function wrong(field: string, reason: Reason): TpeError {
  return new TpeError('INVALID_INPUT', reason, { field });
}
