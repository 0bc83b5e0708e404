import { isSystemSql } from '../commands/asked-by.js';
import { jobOfSql } from '../commands/execution-key.js';
import { TIMELINE_KINDS, type TimelineKind } from './timeline-kinds.js';

/**
 * The parameters of all statements here: $1 the client id; $2, $3 and $4 time, rank and id of the entry that the page comes after; $5 the time
 * since when; $6 how many of each kind.
 */
interface Source {
  /** SQL of when it happened, by which its index is sorted. */
  at: string;
  /** SQL of its id, a bigint. */
  id: string;
  /** SQL of when it was over; null: it still lasts. Left out: it has no length. */
  until?: string;
  /** True: it may last for long, and a gateway has so few that all may be read for those that last into a time. */
  lasts?: true;
  /** SQL of the further columns of an entry; those left out are empty. */
  state: string;
  what?: string;
  changed?: string;
  who?: string;
  job?: string;
  reason?: string;
  cause?: string;
  /** Tables and conditions. What a condition says has to be what the index says (migration 047). */
  from: string;
}

const OF_MANY = `entry.clientid is null and entry.outcome = 'done' and starts_with(entry.action, 'gateway.')
    and entry.clientids @> array[$1::text]`;
const EDIT = `entry.outcome = 'done' and (starts_with(entry.action, 'gateway.') and entry.action <> 'gateway.refresh'
    or entry.action = 'guard.release')`;

const edit: Omit<Source, 'from'> = {
  at: 'entry.at',
  id: 'entry.id',
  state: "'done'",
  what: `case when entry.action <> 'gateway.change' then entry.action when entry.detail ->> 'enabled' = 'false' then 'gateway.disable'
    when entry.detail ->> 'enabled' = 'true' then 'gateway.enable' else entry.action end`,
  changed: `array(select field.name from jsonb_object_keys(entry.detail) as field (name)
    where field.name in ('site', 'note', 'redundancy', 'addTags', 'removeTags') order by 1)`,
  who: 'entry.who',
};

/** What each kind is read from. An edit of many gateways at once is found in another way than that of one. */
const SOURCES: Record<TimelineKind, readonly Source[]> = {
  presence: [
    {
      at: 'event.at',
      id: 'event.id',
      until: `(select next.at from tpe_presence_event next
        where next.clientid = $1::text and (next.at, next.id) > (event.at, event.id) order by next.at, next.id limit 1)`,
      state: "case when event.online then 'online' else 'offline' end",
      reason: 'event.reason',
      cause: 'event.cause',
      from: 'tpe_presence_event event where event.clientid = $1::text',
    },
  ],
  command: [
    {
      at: 'command.created_at',
      id: 'command.request_id',
      until: 'command.ended_at',
      state: 'command.state',
      what: "command.method || ' ' || command.path",
      who: 'command.requested_by',
      job: jobOfSql('command.execution'),
      reason: 'command.reason',
      cause: 'command.cause',
      from: `tpe_command command where command.clientid = $1::text and not ${isSystemSql('command.requested_by')}
        and (command.execution is null or command.risk is distinct from 'read')`,
    },
  ],
  installation: [
    {
      at: 'coalesce(installation.started_at, installation.created_at)',
      id: 'installation.id',
      until: 'installation.ended_at',
      lasts: true,
      state: 'installation.state',
      what: versionsOf('installation'),
      who: 'installation.requested_by',
      job: jobOfSql('installation.execution'),
      reason: 'installation.reason',
      cause: 'installation.cause',
      from: 'tpe_installation installation where installation.clientid = $1::text',
    },
  ],
  alarm: [
    {
      at: 'alarm.since',
      id: 'alarm.id',
      until: 'alarm.cleared_at',
      lasts: true,
      state: 'alarm.severity',
      what: 'alarm.kind',
      who: 'alarm.acknowledged_by',
      reason: 'alarm.reason',
      cause: 'alarm.cause',
      from: 'tpe_alarm alarm where alarm.clientid = $1::text',
    },
  ],
  edit: [
    { ...edit, from: `tpe_audit entry where entry.clientid = $1::text and ${EDIT}` },
    { ...edit, from: `tpe_audit entry where ${OF_MANY}` },
  ],
  job: [
    {
      at: 'coalesce(execution.started_at, execution.ended_at)',
      id: 'execution.job',
      until: 'execution.ended_at',
      lasts: true,
      state: 'execution.state',
      what: 'job.name',
      who: 'job.requested_by',
      job: 'execution.job::text',
      reason: 'execution.reason',
      cause: 'execution.cause',
      from: `tpe_job_execution execution join tpe_job job on job.id = execution.job
        where execution.clientid = $1::text and coalesce(execution.started_at, execution.ended_at) is not null`,
    },
  ],
};

/** SQL of the versions that an installation brings, in order. */
export function versionsOf(installation: string): string {
  return `coalesce((select string_agg(package.value ->> 'version', ' → ' order by package.place)
    from jsonb_array_elements(${installation}.packages) with ordinality as package (value, place)), '')`;
}

/** The rank of a kind among entries of the same time. */
export function rankOf(kind: TimelineKind): number {
  return TIMELINE_KINDS.indexOf(kind);
}

/** SQL of a page of these kinds, newest first: $6 entries in all. Each kind is read along its index, as far as the page may need it. */
export function pageSql(kinds: readonly TimelineKind[]): string {
  return `${unionOf(kinds, ({ at }) => `${at} >= $5::timestamptz`)} order by at desc, rank desc, id desc limit $6::integer`;
}

/** SQL of what lasted into the time since $5, or happened then: of each kind the newest $6. */
export function marksSql(kinds: readonly TimelineKind[]): string {
  return unionOf(kinds, ({ at, until, lasts }) =>
    lasts ? `coalesce(${until}, 'infinity') >= $5::timestamptz` : `${at} >= $5::timestamptz`,
  );
}

function unionOf(kinds: readonly TimelineKind[], isSince: (source: Source) => string): string {
  const parts = kinds.flatMap((kind) =>
    SOURCES[kind].map((source) => `(${partOf(kind, source, isSince(source))})`),
  );
  return `select *, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place_at from (${parts.join('\nunion all\n')}) entry`;
}

function partOf(kind: TimelineKind, source: Source, isSince: string): string {
  const { at, id, until = at, state, what = "''", changed = "'{}'::text[]" } = source;
  const { who = 'null', job = 'null', reason = 'null', cause = 'null::jsonb', from } = source;
  const rank = rankOf(kind);
  return `
    select '${kind}' as kind, ${rank} as rank, ${id} as id, (${id})::text as ref, ${at} as at, ${until} as until, ${state} as state,
      ${what} as what, ${changed} as changed, ${who}::text as who, ${job}::text as job, ${reason}::text as reason, ${cause} as cause
    from ${from} and ${at} <= $2::timestamptz and (${at} < $2 or ${rank} < $3::integer or ${rank} = $3 and ${id} < $4::bigint) and ${isSince}
    order by ${at} desc, ${id} desc limit $6::integer`;
}
