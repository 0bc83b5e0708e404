import { absolute, duration } from '../../i18n/times.js';
import { type AnswerTable, type Reading, tableOf } from './answer-table.js';
import type { AnswerWords, ReadWithWords } from './any-answer.js';
import { dataOf, type Item, isItem, number, text, within } from './payload.js';
import { STORAGE_ANSWERS } from './storage.js';

/** A time as the gateway's own clock shows it, with its distance to UTC: `2026-11-30T09:15:00+08:00`. */
const CLOCK = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What a gateway's clock shows is not put into the reader's zone: whoever sets a clock compares it with one on the wall. */
function onItsClock(value: unknown): string | null {
  const told = text(value);
  const [, day, time, zone] = CLOCK.exec(told ?? '') ?? [];
  return day === undefined ? told : `${day} ${time} (UTC${zone === 'Z' ? '' : zone})`;
}

function time(payload: unknown, words: AnswerWords): AnswerTable[] | null {
  const data = dataOf(payload);
  if (!isItem(data) || text(data.time) === null) return null;
  const sync = within(data, 'ntp');
  const isOn = sync.enable === true;
  const seconds = number(sync.interval);
  const readings: Reading<Item>[] = [
    { title: words.label('time'), of: (item) => onItsClock(item.time) },
    { title: words.label('timezone'), of: (item) => text(item.timezone) },
    {
      title: words.label('ntp'),
      of: () =>
        typeof sync.enable === 'boolean'
          ? { text: isOn ? words.yes : words.no, tone: isOn ? 'good' : 'warning' }
          : null,
    },
    { title: words.label('source'), of: () => (isOn ? text(sync.source) : null) },
    { title: words.label('server'), isCode: true, of: () => (isOn ? text(sync.server) : null) },
    {
      title: words.label('interval'),
      of: () => (isOn && seconds !== null ? duration(seconds * 1000) : null),
    },
    {
      title: words.label('lastUpdateTime'),
      of: (item) => (item.lastUpdateTime === '-' ? null : onItsClock(item.lastUpdateTime)),
    },
  ];
  return [tableOf([data], readings, { isOfFacts: true })];
}

function general(payload: unknown, words: AnswerWords): AnswerTable[] | null {
  const data = dataOf(payload);
  if (!isItem(data)) return null;
  const told = (name: string, isCode = false): Reading<Item> => ({
    title: words.label(name),
    isCode,
    of: (item) => text(item[name]),
  });
  const readings: Reading<Item>[] = [
    told('hostName'),
    told('description'),
    told('modelName'),
    told('serialNumber', true),
    told('thingsproVersion', true),
    told('firmwareVersion', true),
    told('biosVersion', true),
    {
      title: words.label('lastRebootTime'),
      of(item) {
        const at = text(item.lastBootTime) ?? text(item.lastRebootTime);
        return at !== null && !Number.isNaN(Date.parse(at)) ? absolute(at) : at;
      },
    },
  ];
  const facts = tableOf([data], readings, { isOfFacts: true });
  const disks = STORAGE_ANSWERS['get-device-general-get-device-general'](payload) ?? [];
  return facts.columns.length > 0 ? [facts, ...disks] : null;
}

/** What answers about the gateway itself say, by the id of the operation. */
export const DEVICE_ANSWERS: Readonly<Record<string, ReadWithWords>> = {
  'get-device-time-get-device-time': time,
  'get-device-general-get-device-general': general,
};
