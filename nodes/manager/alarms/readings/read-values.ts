import type { CommandRecord } from '../../commands/command.js';

/** A value that gateways are asked for. */
export type ReadingName = 'clock' | 'disk';

/** What is asked for each of them. */
export const ASKED: Record<ReadingName, { method: 'GET'; path: string }> = {
  clock: { method: 'GET', path: '/device/time' },
  disk: { method: 'GET', path: '/device/general' },
};

/** The code of the cause of a command whose header a gateway refused, because by its clock the command has expired. */
export const HEADER_REFUSED = 'header-refused';
/** How long a command is valid beyond its time-out; see protocol/request.ts. */
const TOLERANCE_S = 60;
/** Gateways tell whole seconds. */
const HALF_A_SECOND_MS = 500;
/** A time that says how far it is from UTC. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/**
 * The value in the answer of a gateway; null: there is none. Of a clock it is by how much it is ahead, s, less than 0 behind; of disks, by how much
 * the fullest one is full, %.
 */
export function valueIn(what: ReadingName, record: CommandRecord): number | null {
  if (what === 'clock' && record.cause?.code === HEADER_REFUSED) return record.timeoutMs / 1000 + TOLERANCE_S;
  if (record.state !== 'SUCCEEDED') return null;
  const data = (record.answer?.payload as { data?: unknown } | null | undefined)?.data;
  return what === 'clock' ? clockIn(data, record) : diskIn(data);
}

function clockIn(data: unknown, { sentAt, latencyMs }: CommandRecord): number | null {
  const time = (data as { time?: unknown } | null | undefined)?.time;
  if (sentAt === null || latencyMs === null || typeof time !== 'string' || !TIME.test(time)) return null;
  const told = Date.parse(time) + (time.includes('.') ? 0 : HALF_A_SECOND_MS);
  const offset = (told - (Date.parse(sentAt) + latencyMs / 2)) / 1000;
  return Number.isFinite(offset) ? Math.round(offset * 10) / 10 : null;
}

function diskIn(data: unknown): number | null {
  const disks = (data as { disk?: unknown } | null | undefined)?.disk;
  if (!Array.isArray(disks)) return null;
  const full = disks.map(fullness).filter((percent) => percent !== null);
  return full.length === 0 ? null : Math.max(...full);
}

function fullness(disk: unknown): number | null {
  const { percent, total, free } = (disk ?? {}) as Record<string, unknown>;
  const told =
    typeof percent === 'number'
      ? percent
      : typeof total === 'number' && typeof free === 'number' && total > 0
        ? ((total - free) / total) * 100
        : Number.NaN;
  return told >= 0 && told <= 100 ? told : null;
}
