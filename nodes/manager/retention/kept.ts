/** For how long the rows of a table stay. */
export interface Kept {
  table: string;
  /** Primary key of the table. */
  key: string;
  /** An indexed column in whose order rows get younger: the key, or the time of the event. */
  along: { column: string; type: 'bigint' | 'timestamptz' };
  /** SQL of the time from which the age of a row counts. */
  since: string;
  days: number;
  /** SQL for rows that stay at any age, because they still matter now. */
  unless?: string;
}

/** Tables that grow with time, with what is removed from them. */
export const KEPT: readonly Kept[] = [
  {
    table: 'tpe_command',
    key: 'request_id',
    along: { column: 'request_id', type: 'bigint' },
    since: 'created_at',
    days: 90,
    unless: "state in ('QUEUED', 'SENT')",
  },
  {
    table: 'tpe_presence_event',
    key: 'id',
    along: { column: 'at', type: 'timestamptz' },
    since: 'at',
    days: 30,
  },
  {
    table: 'tpe_installation',
    key: 'id',
    along: { column: 'id', type: 'bigint' },
    since: 'coalesce(ended_at, created_at)',
    days: 365,
    unless: "state in ('QUEUED', 'IN_PROGRESS')",
  },
  {
    table: 'tpe_update_scan',
    key: 'id',
    along: { column: 'id', type: 'bigint' },
    since: 'coalesce(ended_at, started_at)',
    days: 365,
    // The last scan is shown, however old it is.
    unless: "state = 'RUNNING' or id = (select max(id) from tpe_update_scan)",
  },
  {
    table: 'tpe_api_token',
    key: 'id',
    along: { column: 'expires_at', type: 'timestamptz' },
    since: 'expires_at',
    days: 30,
  },
  {
    table: 'tpe_stop',
    key: 'id',
    along: { column: 'id', type: 'bigint' },
    since: 'coalesce(lifted_at, created_at)',
    days: 730,
    unless: 'lifted_at is null',
  },
  {
    table: 'tpe_job',
    key: 'id',
    along: { column: 'id', type: 'bigint' },
    since: 'coalesce(ended_at, updated_at)',
    days: 730,
    // Its executions go before it, piece by piece.
    unless:
      "state in ('CREATING', 'RUNNING', 'PAUSED', 'CANCELING') or (state in ('COMPLETED', 'CANCELED') and not is_forgotten)",
  },
  {
    table: 'tpe_alarm',
    key: 'id',
    along: { column: 'id', type: 'bigint' },
    since: 'coalesce(cleared_at, updated_at)',
    days: 90,
    unless: 'cleared_at is null',
  },
  { table: 'tpe_alarm_news', key: 'no', along: { column: 'at', type: 'timestamptz' }, since: 'at', days: 30 },
  { table: 'tpe_audit', key: 'id', along: { column: 'at', type: 'timestamptz' }, since: 'at', days: 365 },
];

/** The other tables, with the reason why each does not grow with time. */
export const NOT_GROWING: Readonly<Record<string, string>> = {
  mqtt_user: 'one row for each gateway',
  clientid_profile: 'one row for each gateway',
  tpe_presence: 'one row for each gateway, removed with it',
  dm_category: 'as many as the catalogue has',
  dm_operation: 'as many as the catalogue has',
  tpe_operation: 'as many as people added to the catalogue',
  tpe_own_category: 'as many as people added to the catalogue',
  tpe_account: 'one row for each person',
  tpe_saved_view: 'at most fifty rows for each person, removed with the account',
  tpe_update: 'one row for each gateway, removed with it',
  tpe_update_plan: 'one row for each plan that a gateway has; each scan removes the others',
  tpe_guard_scope: 'one row for each limit that people have set',
  tpe_guard_hold:
    'one row for each work on a gateway that may be under way at once, removed when the gateway is well again',
  tpe_alarm_rule: 'one row for each rule that people have set',
  tpe_alarm_watch: 'one row',
  tpe_reading: 'one row for each gateway and value, removed with it',
  tpe_broker_start: 'starts of the broker within the last day',
  tpe_instance: 'one row for each device manager of the last day',
  tpe_schedule: 'one row for each task',
  tpe_site: 'one row for each site that an administrator has set',
  tpe_broker_node: 'one row for each node that the broker had on the last day',
  tpe_redaction: 'at most one row for each table that is looked through',
  tpe_job_key: 'one row for each key of the last two days; see jobs/store/upkeep.ts',
  tpe_job_value: 'values of drafts, removed when their executions have them',
  tpe_job_execution:
    'removed a year after their job has ended, or when there are a million; see jobs/store/upkeep.ts',
  tpe_job_attempt: 'removed 90 days after their job has ended; see jobs/store/upkeep.ts',
  tpe_job_progress: 'at most one row for each percent and minute of a job, removed with it',
  tpe_migration: 'one row for each change of the schema',
};
