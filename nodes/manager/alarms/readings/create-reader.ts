import type { Schedule } from '../../cluster/recurring-tasks.js';
import { askedBySystem } from '../../commands/asked-by.js';
import type { CommandRecord, CommandRequest } from '../../commands/command.js';
import { causeText } from '../../database/cause-text.js';
import type { Database, Row } from '../../database/database.js';
import { createEnding } from '../../shared/ending.js';
import { pause } from '../../shared/pause.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { AlarmRule, RuleKind } from '../alarm-rule.js';
import { ASKED, type ReadingName, valueIn } from './read-values.js';

export interface ReaderTiming {
  /** How often it looks who is to be asked, ms. */
  everyMs: number;
  /** How many commands it sends in that time at most. */
  most: number;
}

export interface ReaderOptions {
  database: Pick<Database, 'query'>;
  schedule: Schedule;
  /** The rules of alarms. Gateways are asked only while one needs it. */
  rules(): Promise<readonly AlarmRule[]>;
  /** Whether commands can be sent now. */
  canSend(): boolean;
  /** Sends a command and resolves with its record when it has ended. */
  send(request: CommandRequest): Promise<CommandRecord>;
  onFault(text: string): void;
  timing?: ReaderTiming;
}

/** Asks gateways that are online for the values that rules need, once a day, and quietly: a few commands a minute, and none but GET. */
export interface Reader {
  /** Begins; of several managers on a database, one asks. */
  start(): void;
  /** Asks those whose turn it is now; never rejects. */
  readOnce(): Promise<void>;
  close(): Promise<void>;
}

const TIMING: ReaderTiming = { everyMs: 60_000, most: 30 };
const NEEDED: Partial<Record<RuleKind, ReadingName>> = { 'clock-off': 'clock', 'disk-full': 'disk' };
const TIMEOUT_MS = 30_000;
/** The gateways among which one look finds those that are to be asked. */
const PIECE = 2000;
/** Who did not answer is asked again after this time, ms. */
const AGAIN_AFTER_MS = 3_600_000;
const MAX_REMEMBERED = 10_000;

/** Those whose value is older than a day; than an hour, where an alarm waits for it to be good again. */
const FIND = `
  with piece as materialized (select clientid, status from tpe_presence where clientid > $1 order by clientid limit ${PIECE}),
  asked as (
    select piece.clientid, what.what from piece cross join unnest($2::text[]) as what (what)
    where piece.status = 'online' and not piece.clientid = any($3::text[])
      and exists (select from mqtt_user where mqtt_user.clientid = piece.clientid and enabled)
      and not exists (select from tpe_reading known where known.clientid = piece.clientid and known.what = what.what
        and known.value is not null and known.read_at > now() - case when exists (
          select from tpe_alarm open where open.clientid = piece.clientid and open.cleared_at is null and open.kind in ('clock-off', 'disk-full')
        ) then interval '1 hour' else interval '1 day' end)
    order by piece.clientid, what.what limit $4
  )
  select (select max(clientid) from piece) as last, asked.clientid, asked.what
  from (select) one left join asked on true order by asked.clientid, asked.what`;

/** A value that could not be read leaves the one from before as it is. */
const STORE = `
  insert into tpe_reading as before (clientid, what, value, reason, cause, read_at)
  select $1, $2, $3::double precision, $4, $5::jsonb, now() where exists (select from tpe_presence where clientid = $1)
  on conflict (clientid, what) do update set value = coalesce(excluded.value, before.value), reason = excluded.reason,
    cause = excluded.cause, read_at = case when excluded.value is null then before.read_at else excluded.read_at end`;

interface FoundRow extends Row {
  /** Null: the fleet has no more. */
  last: string | null;
  clientid: string | null;
  what: ReadingName | null;
}

/** Creates the reader. */
export function createReader(options: ReaderOptions): Reader {
  const { database, schedule, timing = TIMING } = options;
  const closing = createEnding();
  /** Behind which client id it goes on. */
  let after = '';
  /** Who did not answer, and when it was asked, by a clock that nobody sets. */
  const silent = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();

  async function needed(): Promise<ReadingName[]> {
    const kinds = (await options.rules()).filter(({ enabled }) => enabled).map(({ kind }) => NEEDED[kind]);
    return [...new Set(kinds.filter((what) => what !== undefined))];
  }

  async function find(whats: readonly ReadingName[]): Promise<{ clientid: string; what: ReadingName }[]> {
    const old = performance.now() - AGAIN_AFTER_MS;
    for (const [clientid, at] of silent) if (at < old) silent.delete(clientid);
    const rows = await database.query<FoundRow>(FIND, [after, whats, [...silent.keys()], timing.most]);
    const found = rows.flatMap(({ clientid, what }) =>
      clientid === null || what === null ? [] : [{ clientid, what }],
    );
    // A full answer ends before the piece does.
    after = (found.length < timing.most ? rows[0]?.last : found.at(-1)?.clientid) ?? '';
    return found;
  }

  async function readOne(clientid: string, what: ReadingName): Promise<void> {
    const request = { ...ASKED[what], clientid, timeoutMs: TIMEOUT_MS, requestedBy: askedBySystem('alarms') };
    const record = await options.send(request);
    const value = valueIn(what, record);
    if (value === null && silent.size < MAX_REMEMBERED) silent.set(clientid, performance.now());
    await database.query(STORE, [clientid, what, value, record.reason, causeText(record)]);
  }

  async function readAll(): Promise<void> {
    const whats = await needed();
    if (whats.length === 0) return;
    const faults: unknown[] = [];
    const under: Promise<void>[] = [];
    for (const { clientid, what } of await find(whats)) {
      if (closing.signal.aborted || !options.canSend()) break;
      under.push(readOne(clientid, what).catch((error: unknown) => void faults.push(error)));
      await pause(timing.everyMs / (timing.most + 1), { signal: closing.signal, ref: false });
    }
    await Promise.all(under);
    if (faults.length > 0) throw faults[0];
  }

  async function attempt(): Promise<void> {
    if (closing.signal.aborted || !options.canSend()) return;
    try {
      // Whoever has the turn keeps it for as long as it lives.
      await schedule.attempt('alarm-readings', 2 * timing.everyMs, readAll);
    } catch (error) {
      if (!closing.signal.aborted)
        options.onFault(`Gateways could not be asked for what rules of alarms need: ${messageOf(error)}`);
    }
  }

  function readOnce(): Promise<void> {
    reading = reading.then(attempt);
    return reading;
  }

  function later(): void {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => void readOnce().then(later), timing.everyMs);
    timer.unref();
  }

  return {
    start: later,
    readOnce,
    async close() {
      closing.abort();
      clearTimeout(timer);
      await reading;
    },
  };
}
