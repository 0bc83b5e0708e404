import type { OperationSet } from '../catalogue/operation-set.js';
import { restartsGateway } from '../catalogue/restarting.js';
import type { RiskClass } from '../catalogue/risk.js';
import { isSystemSql } from '../commands/asked-by.js';
import { jobOf, jobOfSql } from '../commands/execution-key.js';
import type { Queryable, Row } from '../database/database.js';
import type { InstallationStep, StepName } from '../updates/install/installation.js';
import { versionsOf } from './statement.js';
import type { Restart } from './timeline.js';

/**
 * How long after a command a gateway may go offline because of it. It has to shut down first, and a broker notices a silent client only after
 * one and a half times its keepalive.
 */
export const RESTART_WITHIN_MS = 5 * 60_000;
/** The clocks of broker and database differ a little, and an answer may come after the end of the session. */
const CLOCKS_MS = 5000;
/** How many commands before an absence are looked at. */
const LOOKED_AT = 10;

/** A command that interrupted service, as it was sent. */
export interface DisturbingCommand {
  requestId: string;
  sentAt: string;
  method: string;
  path: string;
  /** Whether it restarts the gateway, or may cut its connection. */
  restarts: boolean;
  requestedBy: string;
  job: string | null;
  jobName: string | null;
}

/** An installation that was under way. */
export interface DisturbingInstallation {
  id: string;
  versions: string;
  steps: readonly Pick<InstallationStep, 'name' | 'startedAt' | 'endedAt'>[];
  endedAt: string | null;
  requestedBy: string;
  job: string | null;
  jobName: string | null;
}

export interface Disturbances {
  commands: readonly DisturbingCommand[];
  installations: readonly DisturbingInstallation[];
}

/** The steps of an installation in which its gateway restarts. */
const RESTARTING: readonly StepName[] = ['install', 'reboot', 'reconnect'];

/**
 * The one rule by which an absence is explained: an installation that was at a step in which the gateway restarts, or else the last command
 * that restarts it or may cut its connection, sent within the five minutes before. Null if there was neither.
 */
export function restartBefore(offlineAt: string, { commands, installations }: Disturbances): Restart | null {
  const at = Date.parse(offlineAt);
  for (const one of installations) {
    const begun = one.steps.filter(({ startedAt }) => Date.parse(startedAt) <= at + CLOCKS_MS);
    const step = begun.at(-1);
    if (step === undefined || !RESTARTING.includes(step.name)) continue;
    if (one.endedAt !== null && Date.parse(one.endedAt) + CLOCKS_MS < at) continue;
    const { id: ref, versions: what, requestedBy: who, job, jobName } = one;
    return { kind: 'installation', ref, at: step.startedAt, what, who, job, jobName };
  }
  const sent = commands
    .filter((one) => {
      const age = at - Date.parse(one.sentAt);
      return age >= -CLOCKS_MS && age <= RESTART_WITHIN_MS && one.restarts;
    })
    .sort((one, other) => Date.parse(other.sentAt) - Date.parse(one.sentAt))[0];
  if (sent === undefined) return null;
  const { requestId: ref, sentAt, method, path, requestedBy: who, job, jobName } = sent;
  return { kind: 'command', ref, at: sentAt, what: `${method} ${path}`, who, job, jobName };
}

interface CommandRow extends Row {
  place: number;
  request_id: string;
  sent_at: Date;
  method: string;
  path: string;
  request_body: unknown;
  operation: string | null;
  classes: RiskClass[] | null;
  requested_by: string;
  execution: string | null;
  job_name: string | null;
}

interface InstallationRow extends Row {
  place: number;
  id: string;
  versions: string;
  steps: InstallationStep[];
  ended_at: Date | null;
  requested_by: string;
  execution: string | null;
  job_name: string | null;
}

const ABSENCES = 'unnest($2::timestamptz[]) with ordinality as absence (at, place)';
const ITS_JOB = (one: string) => `left join tpe_job job on job.id = ${jobOfSql(`${one}.execution`)}::bigint`;

/** One that the gateway refused, or that never reached it, restarted nothing. The requests of an installation are told of by it. */
const COMMANDS = `
  select absence.place::integer as place, command.*, job.name as job_name
  from ${ABSENCES} cross join lateral (
    select request_id::text as request_id, sent_at, method, path, request_body, operation, classes, requested_by, execution
    from tpe_command
    where clientid = $1 and sent_at is not null and risk in ('disruptive', 'destructive')
      and sent_at >= absence.at - make_interval(secs => ${RESTART_WITHIN_MS / 1000})
      and sent_at <= absence.at + make_interval(secs => ${CLOCKS_MS / 1000})
      and state in ('SENT', 'SUCCEEDED', 'TIMED_OUT') and not ${isSystemSql('requested_by')}
    order by sent_at desc limit ${LOOKED_AT}) command ${ITS_JOB('command')}
  order by place, sent_at desc`;

const INSTALLATIONS = `
  select absence.place::integer as place, installation.id::text as id, ${versionsOf('installation')} as versions, installation.steps,
    installation.ended_at, installation.requested_by, installation.execution, job.name as job_name
  from ${ABSENCES} join tpe_installation installation on installation.clientid = $1
      and installation.started_at <= absence.at + make_interval(secs => ${CLOCKS_MS / 1000})
      and coalesce(installation.ended_at, 'infinity') >= absence.at - make_interval(secs => ${CLOCKS_MS / 1000})
    ${ITS_JOB('installation')}
  order by place, installation.id desc`;

/** What the rule needs: the database, and the operations, some of which people have added. */
export interface AbsenceSources {
  database: Queryable;
  catalogue: Pick<OperationSet, 'get'>;
}

/** What restarted a gateway before each of these absences, given by when they began, ISO 8601 UTC. */
export async function restartsBefore(
  { database, catalogue }: AbsenceSources,
  clientid: string,
  absences: readonly string[],
): Promise<(Restart | null)[]> {
  if (absences.length === 0) return [];
  const [commands, installations] = await Promise.all([
    database.query<CommandRow>(COMMANDS, [clientid, absences]),
    database.query<InstallationRow>(INSTALLATIONS, [clientid, absences]),
  ]);
  return absences.map((at, index) =>
    restartBefore(at, {
      commands: commands.filter(({ place }) => place === index + 1).map((row) => toCommand(row, catalogue)),
      installations: installations.filter(({ place }) => place === index + 1).map(toInstallation),
    }),
  );
}

function toCommand(row: CommandRow, catalogue: AbsenceSources['catalogue']): DisturbingCommand {
  const { method, path, request_body: requestBody } = row;
  const operation = row.operation === null ? null : catalogue.get(row.operation);
  return {
    requestId: row.request_id,
    sentAt: row.sent_at.toISOString(),
    method,
    path,
    restarts:
      (row.classes ?? []).includes('cuts-mqtt') ||
      restartsGateway({ operation, method, path, requestBody, faults: [] }),
    requestedBy: row.requested_by,
    job: jobOf(row.execution),
    jobName: row.job_name,
  };
}

function toInstallation(row: InstallationRow): DisturbingInstallation {
  return {
    id: row.id,
    versions: row.versions,
    steps: row.steps,
    endedAt: row.ended_at?.toISOString() ?? null,
    requestedBy: row.requested_by,
    job: jobOf(row.execution),
    jobName: row.job_name,
  };
}
