import { createSchedule } from '../../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createGuard, type GuardOptions } from '../../../nodes/manager/guard/create-guard.js';
import type { Guard, SlotRequest } from '../../../nodes/manager/guard/guard.js';

/** A guard, and all that it has told. */
export interface Rig {
  guard: Guard;
  free: string[];
  news: string[];
  faults: string[];
  broadcasts: [string, string | null, string | null][];
  /** Resolves when the slot of this gateway has come back. */
  freed(clientid: string): Promise<void>;
}

/** Opens a guard on a database; `instance` is the name of its manager. */
export function openGuard(database: Database, more: Partial<GuardOptions> = {}, instance = 'one'): Rig {
  const free: string[] = [];
  const news: string[] = [];
  const faults: string[] = [];
  const broadcasts: Rig['broadcasts'] = [];
  const waiting = new Map<string, () => void>();
  const guard = createGuard({
    database,
    schedule: createSchedule(database, instance),
    knowsPresence: () => true,
    broadcast: (kind, about, what = null) => void broadcasts.push([kind, about, what]),
    onFree(clientids) {
      free.push(...clientids);
      for (const clientid of clientids) waiting.get(clientid)?.();
    },
    onChanged: (what) => void news.push(what),
    onFault: (text) => void faults.push(text),
    ...more,
  });
  return {
    ...{ guard, free, news, faults, broadcasts },
    freed: (clientid) =>
      new Promise((resolve) => {
        if (free.includes(clientid)) resolve();
        else waiting.set(clientid, resolve);
      }),
  };
}

/** A request of a command with this id. */
export function byCommand(clientid: string, id: string): SlotRequest {
  return { clientid, owner: { kind: 'command', id } };
}

export interface Gateway {
  clientid: string;
  site?: string;
  model?: string;
  redundancy?: string;
}

/** Registers gateways that are online. */
export async function register(database: Database, gateways: readonly Gateway[]): Promise<void> {
  await database.query(
    `insert into clientid_profile (clientid, site, model_name, redundancy)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
    [
      gateways.map(({ clientid }) => clientid),
      gateways.map(({ site }) => site ?? ''),
      gateways.map(({ model }) => model ?? null),
      gateways.map(({ redundancy }) => redundancy ?? ''),
    ],
  );
  await connect(database, ...gateways.map(({ clientid }) => clientid));
}

let sessions = 0;

/** A new session of each gateway begins. */
export async function connect(database: Database, ...clientids: string[]): Promise<void> {
  sessions += 1;
  await database.query(
    "update tpe_presence set status = 'online', since = now(), session_connected_at = $2 where clientid = any($1::text[])",
    [clientids, sessions],
  );
}

export async function disconnect(database: Database, ...clientids: string[]): Promise<void> {
  await database.query(
    "update tpe_presence set status = 'offline', since = now() where clientid = any($1::text[])",
    [clientids],
  );
}

/** Has the slots be older by so many seconds, as if that time had passed. */
export async function letPass(database: Database, seconds: number): Promise<void> {
  const back = 'make_interval(secs => $1)';
  await database.query(
    `update tpe_guard_hold set since = since - ${back}, ended_at = ended_at - ${back}, online_from = online_from - ${back}`,
    [seconds],
  );
}

/** Records a command in a state, as the manager that was killed left it. */
export async function recordCommand(
  database: Database,
  id: string,
  clientid: string,
  state: string,
  wasSent: boolean,
): Promise<void> {
  await database.query(
    `insert into tpe_command (request_id, clientid, method, path, state, when_offline, timeout_ms, expires_at, requested_by,
       instance, sent_at)
     values ($1, $2, 'PUT', '/system/reboot', $3, 'fail', 1000, now(), 'test', 'gone', case when $4 then now() end)`,
    [id, clientid, state, wasSent],
  );
}
