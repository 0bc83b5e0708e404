import { byteSize, share } from '../../i18n/times.js';
import { type AnswerCell, type ReadAnswer, type Reading, tableOf } from './answer-table.js';
import { dataOf, type Item, isItem, number, text } from './payload.js';
import { t } from './translate.js';

/** A disk is nearly full, or full, from these shares on, in per cent; the alarm "disk nearly full" begins at the first. */
const NEARLY_FULL = 90;
const FULL = 97;

const size = (value: unknown) => {
  const bytes = number(value);
  return bytes === null || bytes < 0 ? null : byteSize(bytes);
};

/** As the alarm has it: what the gateway says, or else what of the disk is not free. */
function usedOf({ total, free, percent }: Item): AnswerCell | null {
  const [whole, left] = [number(total), number(free)];
  const told =
    number(percent) ?? (whole === null || left === null || whole <= 0 ? null : 100 * (1 - left / whole));
  if (told === null) return null;
  const used = Math.min(100, Math.max(0, told));
  const tone = used >= FULL ? 'bad' : used >= NEARLY_FULL ? 'warning' : 'good';
  return { text: share(used / 100), tone, percent: Math.round(used) };
}

function disks(payload: unknown) {
  const data = dataOf(payload);
  const list = isItem(data) ? (data.disk ?? data.disks) : null;
  if (!isItem(data) || !Array.isArray(list) || !list.every(isItem)) return null;
  const readings: Reading<Item>[] = [
    { title: t('disk'), of: ({ name }) => text(name) },
    { title: t('full'), of: usedOf },
    { title: t('free'), isNumber: true, of: ({ free }) => size(free) },
    { title: t('size'), isNumber: true, of: ({ total }) => size(total) },
    { title: t('reserved'), isNumber: true, of: ({ protect }) => size(protect) },
    { title: t('mount'), isCode: true, of: ({ mount }) => text(mount) },
    { title: t('device'), isCode: true, of: ({ device }) => text(device) },
  ];
  const hardware: Reading<Item>[] = [
    { title: t('memory'), of: ({ memorySize }) => size(memorySize) },
    { title: t('cpu'), of: ({ cpu }) => text(cpu) },
  ];
  const machine = tableOf([data], hardware, { title: t('hardware'), isOfFacts: true });
  return [tableOf(list, readings, { title: t('disks') }), ...(machine.columns.length > 0 ? [machine] : [])];
}

/** What answers about a gateway's disks say, by the id of the operation. */
export const STORAGE_ANSWERS = {
  'get-device-general-get-device-general': disks,
} as const satisfies Record<string, ReadAnswer>;
