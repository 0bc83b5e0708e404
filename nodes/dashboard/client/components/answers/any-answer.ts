import { type AnswerCell, type AnswerTable, type Reading, tableOf } from './answer-table.js';
import { dataOf, type Item, isItem } from './payload.js';

// Reads answers of which no reader knows more than their JSON: what has many things becomes a table, and one thing becomes facts, each
// under the label that the catalogue has for its field.

/** The words for it in the reader's language. */
export interface AnswerWords {
  label(name: string): string;
  yes: string;
  no: string;
  /** A time of day and date, given as ISO 8601. */
  time(text: string): string;
  bytes(count: number): string;
  /** When something ends, ISO 8601, and whether that has been or in how many days it will be; null where it is not soon. */
  end(time: string, days: number | null): string;
}

/** Makes tables of the payload of an answer, with labels of the catalogue; null where it is not as expected. */
export type ReadWithWords = (payload: unknown, words: AnswerWords) => AnswerTable[] | null;

const MAX_ROWS = 200;
const MAX_FACTS = 80;
/** A wider table is read worse than facts below each other. */
const MAX_COLUMNS = 8;
/** Deeper values are left to the JSON view. */
const MAX_DEPTH = 3;
const BETWEEN = ' › ';
/** They say of what kind all items of an answer are, which the person has asked for, or where the gateway keeps a figure. */
const NOT_TOLD = new Set(['type', 'tags', 'icon', 'menuID']);
const BYTES = /^(memorySize|imageSize|totalSize|fileSize|free|used|total|protect)$/;
/** Until when a certificate or an account is good, by the names that gateways have for it. */
const END = /^(notAfter|expiredAfter)$/;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Who has to renew something has some weeks for it from here on; what ends later than the other is told by its date alone. */
const DAYS_OF_WARNING = 30;
const DAYS_TOLD = 365;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const CODE = /^(ip|mac|netmask|gateway|subnet|broadcast|dns|uuid|imei|imsi|iccId|path|url|device|mount)$/i;

/** Makes tables of any answer; null for one that has nothing to be told, which is shown as it came. */
export function anyAnswer(payload: unknown, words: AnswerWords): AnswerTable[] | null {
  const data = dataOf(payload);
  const tables = Array.isArray(data)
    ? listTables(data, null, words)
    : isItem(data)
      ? itemTables(data, null, words)
      : [];
  return tables.length > 0 ? tables : null;
}

function listTables(list: readonly unknown[], title: string | null, words: AnswerWords): AnswerTable[] {
  const rows = list.slice(0, MAX_ROWS);
  if (rows.length === 0) return [{ title, isOfFacts: false, columns: [], rows: [] }];
  if (!rows.every(isItem)) {
    const readings: Reading<unknown>[] = [
      { title: title ?? words.label('value'), of: (value) => cellOf('', value, words) },
    ];
    return [tableOf(rows, readings, { title: null })];
  }
  const names = [...new Set(rows.flatMap((row) => Object.keys(flat(row))))].slice(0, MAX_FACTS);
  const flatRows = rows.map((row) => flat(row));
  const table = tableOf(
    flatRows,
    names.map((name) => readingOf(name, words)),
    { title },
  );
  if (table.columns.length <= MAX_COLUMNS && rows.length > 1) return table.columns.length > 0 ? [table] : [];
  return table.columns.length > 0 ? [{ ...table, isOfFacts: true }] : [];
}

function itemTables(item: Item, title: string | null, words: AnswerWords): AnswerTable[] {
  const facts = flat(item);
  const names = Object.keys(facts).slice(0, MAX_FACTS);
  const table = tableOf(
    [facts],
    names.map((name) => readingOf(name, words)),
    { title, isOfFacts: true },
  );
  const lists = Object.entries(item).filter(
    ([name, value]) => !NOT_TOLD.has(name) && Array.isArray(value) && value.some(isItem),
  );
  return [
    ...(table.columns.length > 0 ? [table] : []),
    ...lists.flatMap(([name, value]) => listTables(value as unknown[], words.label(name), words)),
  ];
}

/** The values of an item with those of the items in it, by their names in a row. Lists of items have tables of their own. */
function flat(item: Item, before: readonly string[] = []): Item {
  const values: Item = {};
  for (const [name, value] of Object.entries(item)) {
    if (NOT_TOLD.has(name)) continue;
    const path = [...before, name];
    if (isItem(value) && path.length < MAX_DEPTH) Object.assign(values, flat(value, path));
    else if (!isItem(value) && !(Array.isArray(value) && value.some(isItem)))
      values[JSON.stringify(path)] = value;
  }
  return values;
}

function readingOf(key: string, words: AnswerWords): Reading<Item> {
  const path = JSON.parse(key) as string[];
  const name = path.at(-1) ?? '';
  return {
    title: path.map(words.label).join(BETWEEN),
    isCode: CODE.test(name),
    of: (item) => cellOf(name, item[key], words),
  };
}

function cellOf(name: string, value: unknown, words: AnswerWords): AnswerCell | null {
  if (typeof value === 'boolean') return { text: value ? words.yes : words.no };
  if (typeof value === 'number')
    return { text: BYTES.test(name) && value >= 0 ? words.bytes(value) : String(value) };
  if (typeof value === 'string' && END.test(name) && TIME.test(value)) return endCell(value, words);
  if (typeof value === 'string') return value.trim() === '' ? null : { text: readableTime(value, words) };
  if (Array.isArray(value) && value.length > 0) {
    return {
      text: value
        .map((one) => cellOf(name, one, words)?.text ?? '')
        .filter(Boolean)
        .join(', '),
    };
  }
  return isItem(value) && Object.keys(value).length > 0 ? { text: JSON.stringify(value) } : null;
}

function endCell(value: string, words: AnswerWords): AnswerCell {
  const end = Date.parse(value);
  if (Number.isNaN(end)) return { text: value };
  const days = Math.floor((end - Date.now()) / DAY_MS);
  const text = words.end(value, days <= DAYS_TOLD ? days : null);
  if (days < 0) return { text, tone: 'bad' };
  return days <= DAYS_OF_WARNING ? { text, tone: 'warning' } : { text };
}

function readableTime(text: string, words: AnswerWords): string {
  return TIME.test(text) && !Number.isNaN(Date.parse(text)) ? words.time(text) : text;
}
