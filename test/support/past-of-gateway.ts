import type { Queryable } from '../../nodes/manager/database/database.js';

/** What is written of a gateway, times in ms since the epoch. */
export interface Past {
  online(at: number, reason?: string): Promise<void>;
  offline(at: number, reason?: string): Promise<void>;
  command(at: number, more?: Partial<PastCommand>): Promise<string>;
  installation(at: number, more?: Partial<PastInstallation>): Promise<string>;
  alarm(at: number, clearedAt: number | null): Promise<string>;
  edit(at: number, action: string, detail: object, clientid?: string | null): Promise<string>;
  job(at: number, endedAt: number | null, name: string): Promise<string>;
}

interface PastCommand {
  sentAt: number;
  endedAt: number | null;
  method: string;
  path: string;
  risk: string;
  state: string;
  requestedBy: string;
  execution: string | null;
}

interface PastInstallation {
  endedAt: number | null;
  state: string;
  versions: string[];
  steps: object[];
  execution: string | null;
}

const time = (at: number | null) => (at === null ? null : new Date(at));

/** Writes what happened to a gateway, as the rooms would. */
export function pastOf(database: Queryable, clientid: string): Past {
  let requests = 1000;
  const one = async (sql: string, values: readonly unknown[]) => {
    const [row] = await database.query<{ id: string }>(sql, values);
    return row!.id;
  };
  const presence = async (at: number, isOnline: boolean, reason: string) => {
    await database.query(
      'insert into tpe_presence_event (clientid, at, online, reason, source) values ($1, $2, $3, $4, $5)',
      [clientid, time(at), isOnline, reason, 'webhook'],
    );
  };
  return {
    online: (at, reason = 'connected') => presence(at, true, reason),
    offline: (at, reason = 'connection lost') => presence(at, false, reason),
    async command(at, more = {}) {
      const { sentAt = at, endedAt = at + 500, method = 'GET', path = '/device/time', risk = 'read' } = more;
      const { state = 'SUCCEEDED', requestedBy = 'otto', execution = null } = more;
      requests += 1;
      return await one(
        `insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by, instance,
          created_at, sent_at, ended_at, risk, classes, execution)
         values ($1, $2, $3, $4, $5, 'fail', 1000, now(), $6, 'x', $7, $8, $9, $10, '{}', $11) returning request_id::text as id`,
        [
          requests,
          clientid,
          method,
          path,
          state,
          requestedBy,
          time(at),
          time(sentAt),
          time(endedAt),
          risk,
          execution,
        ],
      );
    },
    async installation(at, more = {}) {
      const {
        endedAt = at + 60_000,
        state = 'SUCCEEDED',
        versions = ['2.5.0'],
        steps = [],
        execution = null,
      } = more;
      const packages = versions.map((version) => ({ version }));
      return await one(
        `insert into tpe_installation (clientid, packages, state, allow_cellular, timeout_ms, requested_by, instance, created_at, started_at,
          ended_at, steps, execution)
         values ($1, $2, $3, true, 1000, 'anna', 'x', $4, $4, $5, $6, $7) returning id::text as id`,
        [
          clientid,
          JSON.stringify(packages),
          state,
          time(at),
          time(endedAt),
          JSON.stringify(steps),
          execution,
        ],
      );
    },
    alarm: (at, clearedAt) =>
      one(
        `insert into tpe_alarm (rule, kind, severity, clientid, reason, since, cleared_at)
         values ('offline', 'offline', 'critical', $1, 'Offline.', $2, $3) returning id::text as id`,
        [clientid, time(at), time(clearedAt)],
      ),
    edit: (at, action, detail, of = clientid) =>
      one(
        `insert into tpe_audit (at, who, action, clientid, detail, outcome, clientids)
         values ($1, 'otto', $2, $3, $4, 'done', (select array_agg(one) from jsonb_array_elements_text($4::jsonb -> 'clientids') as one))
         returning id::text as id`,
        [time(at), action, of, JSON.stringify(detail)],
      ),
    async job(at, endedAt, name) {
      const id = await one(
        `insert into tpe_job (name, note, definition, targets, steps, pace, hash, risk, classes, requested_by)
         values ($1, '', '{}', '{}', '[]', '{}', 'h', 'disruptive', '{}', 'ida') returning id::text as id`,
        [name],
      );
      await database.query(
        `insert into tpe_job_execution (job, clientid, ordinal, state, site, started_at, ended_at)
         values ($1, $2, 1, $3, '', $4, $5)`,
        [id, clientid, endedAt === null ? 'IN_PROGRESS' : 'SUCCEEDED', time(at), time(endedAt)],
      );
      return id;
    },
  };
}
