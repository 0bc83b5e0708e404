import { DEAD_AFTER_S } from '../../cluster/heartbeat.js';
import { causeText } from '../../database/cause-text.js';
import type { Database } from '../../database/database.js';
import { createGroupCommit } from '../../database/group-commit.js';
import type { Reason } from '../../shared/reason.js';
import { isStorable } from '../../shared/text.js';
import type { TpeErrorCode } from '../../shared/tpe-error.js';
import type { CheckedRequest } from './check-request.js';
import type { Work } from './checkpoint.js';
import type { Installation, InstallationQuery } from './installation.js';
import { installationReason } from './installation-reasons.js';
import { INSTALLATION_COLUMNS, type InstallationRow, toInstallation } from './installation-row.js';
import { installationsAsked } from './installations-asked.js';

/** An installation that is open, and what another manager needs to continue it. */
export interface OpenInstallation {
  installation: Installation;
  work: Partial<Work>;
}

/** The record of installations in the database. Its methods reject with UNAVAILABLE while the database cannot be reached. */
export interface InstallationStore {
  /** Records an installation as QUEUED; null if another one is under way on the gateway, or if its execution has one already. */
  insert(request: CheckedRequest): Promise<OpenInstallation | null>;
  /** Records an installation that is not begun; null if its execution has one already. */
  insertRejected(request: CheckedRequest, code: TpeErrorCode, reason: Reason): Promise<Installation | null>;
  /**
   * Writes how far an installation has come, and waits for a database that is away. Resolves with who asked to cancel it; with null if it
   * has ended or belongs to another manager.
   */
  save(open: OpenInstallation): Promise<{ cancelRequestedBy: string | null } | null>;
  get(id: string): Promise<Installation | null>;
  /** Reads the installations of these ids that exist, in any order. */
  read(ids: readonly string[]): Promise<Installation[]>;
  /** The open installation of a gateway. */
  underWay(clientid: string): Promise<Installation | null>;
  list(query: InstallationQuery): Promise<Installation[]>;
  /** The installations on a gateway whose execution begins with `prefix`, oldest first. */
  ofExecution(clientid: string, prefix: string): Promise<Installation[]>;
  /** Notes who asks to cancel it, and cancels it if it was not begun. Null if it is unknown or has ended. */
  requestCancel(id: string, requestedBy: string): Promise<Installation | null>;
  /** Takes over the open installations of dead managers. */
  adopt(): Promise<void>;
  /** The open installations of this manager, oldest first. */
  open(): Promise<OpenInstallation[]>;
  close(): Promise<void>;
}

const MAX_BATCH = 200;
const MAX_WAITING = 20_000;
const IS_OPEN = "installation.state in ('QUEUED', 'IN_PROGRESS')";

const INSERT = `
  insert into tpe_installation as installation (clientid, packages, state, reason, cause, reason_code,
    snapshot, allow_cellular, timeout_ms, requested_by, instance, execution, ended_at)
  values ($1, $2::jsonb, $3, $4, $5::jsonb, $6, $7, $8, $9, $10, $11, $12,
    case when $3 = 'QUEUED' then null else now() end)
  on conflict do nothing
  returning ${INSTALLATION_COLUMNS}`;

const SAVE = `
  update tpe_installation installation
  set state = saved.state, reason = saved.reason, cause = saved.cause::jsonb, reason_code = saved.reason_code,
    package = saved.package, step = saved.step, progress = saved.progress, steps = saved.steps::jsonb,
    work = saved.work::jsonb, before_tpe_version = saved.before_tpe, before_firmware_version = saved.before_firmware,
    after_tpe_version = saved.after_tpe, after_firmware_version = saved.after_firmware,
    started_at = saved.started_at::timestamptz, updated_at = saved.updated_at::timestamptz,
    ended_at = saved.ended_at::timestamptz
  from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::text[], $9::integer[],
      $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
      $18::text[])
    as saved (id, state, reason, cause, reason_code, package, step, progress, steps, work, before_tpe, before_firmware,
      after_tpe, after_firmware, started_at, updated_at, ended_at)
  where installation.id = saved.id and installation.instance = $1 and ${IS_OPEN}
  returning installation.id::text as id, installation.cancel_requested_by`;

const CANCEL = `
  update tpe_installation installation
  set cancel_requested_by = coalesce(installation.cancel_requested_by, $2), updated_at = now(),
    state = case installation.state when 'QUEUED' then 'CANCELED' else installation.state end,
    reason = case installation.state when 'QUEUED' then $3 else installation.reason end,
    cause = case installation.state when 'QUEUED' then $4::jsonb else installation.cause end,
    ended_at = case installation.state when 'QUEUED' then now() else installation.ended_at end
  where installation.id = $1::bigint and ${IS_OPEN}
  returning ${INSTALLATION_COLUMNS}`;

const ADOPT = `
  update tpe_installation installation set instance = $1
  where ${IS_OPEN} and installation.instance <> $1 and ($2 or not exists (
    select from tpe_instance live
    where live.instance = installation.instance and live.seen_at > now() - make_interval(secs => $3)
      and live.seen_at < now() + interval '1 hour'))`;

/** Opens the record of installations for one manager. */
export function createInstallationStore(database: Database, instance: string): InstallationStore {
  const query = (sql: string, parameters: readonly unknown[]) =>
    database.query<InstallationRow>(sql, parameters);

  const select = async (condition: string, parameters: readonly unknown[]) =>
    await query(
      `select ${INSTALLATION_COLUMNS} from tpe_installation installation where ${condition}`,
      parameters,
    );

  async function insert(
    request: CheckedRequest,
    state: 'QUEUED' | 'REJECTED',
    code: TpeErrorCode | null,
    reason: Reason | null,
  ): Promise<OpenInstallation | null> {
    const rows = await query(INSERT, [
      request.clientid,
      JSON.stringify(request.packages),
      state,
      reason?.text ?? null,
      causeText(reason),
      code,
      request.snapshot,
      request.allowCellular,
      request.timeoutMs,
      request.requestedBy,
      instance,
      request.execution,
    ]);
    return rows.map(toOpen)[0] ?? null;
  }

  const saves = createGroupCommit<OpenInstallation, { cancelRequestedBy: string | null } | null>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    async write(batch) {
      const all = batch.map(({ installation }) => installation);
      const rows = await database.query<{ id: string; cancel_requested_by: string | null }>(SAVE, [
        instance,
        all.map(({ id }) => id),
        all.map(({ state }) => state),
        all.map(({ reason }) => reason),
        all.map(causeText),
        all.map(({ reasonCode }) => reasonCode),
        all.map((one) => one.package),
        all.map(({ step }) => step),
        all.map(({ progress }) => progress),
        all.map(({ steps }) => JSON.stringify(steps)),
        batch.map(({ work }) => JSON.stringify(work)),
        all.map(({ before }) => before.tpeVersion),
        all.map(({ before }) => before.firmwareVersion),
        all.map(({ after }) => after.tpeVersion),
        all.map(({ after }) => after.firmwareVersion),
        all.map(({ startedAt }) => startedAt),
        all.map(({ updatedAt }) => updatedAt),
        all.map(({ endedAt }) => endedAt),
      ]);
      const found = new Map(rows.map((row) => [row.id, { cancelRequestedBy: row.cancel_requested_by }]));
      return all.map(({ id }) => found.get(id) ?? null);
    },
  });

  return {
    insert: (request) => insert(request, 'QUEUED', null, null),
    async insertRejected(request, code, reason) {
      const rejected = await insert(request, 'REJECTED', code, reason);
      return rejected?.installation ?? null;
    },
    save: (open) => saves.add(open),
    async get(id) {
      if (!isInstallationId(id)) return null;
      return (await select('installation.id = $1::bigint', [id])).map(toInstallation)[0] ?? null;
    },
    async read(ids) {
      const wanted = ids.filter(isInstallationId);
      if (wanted.length === 0) return [];
      return (await select('installation.id = any($1::bigint[])', [wanted])).map(toInstallation);
    },
    async underWay(clientid) {
      const rows = await select(`installation.clientid = $1 and ${IS_OPEN}`, [clientid]);
      return rows.map(toInstallation)[0] ?? null;
    },
    async list(query) {
      if (!isStorable(query.clientid ?? '')) return [];
      const { condition, parameters } = await installationsAsked(database, query);
      return (await select(condition, parameters)).map(toInstallation);
    },
    async ofExecution(clientid, prefix) {
      if (!isStorable(clientid) || !isStorable(prefix)) return [];
      const rows = await select(
        `installation.clientid = $1 and installation.execution is not null
          and starts_with(installation.execution, $2) order by installation.id`,
        [clientid, prefix],
      );
      return rows.map(toInstallation);
    },
    async requestCancel(id, requestedBy) {
      if (!isInstallationId(id)) return null;
      const { text, cause } = installationReason('installation-canceled-by', { who: requestedBy });
      const rows = await query(CANCEL, [id, requestedBy, text, causeText({ cause })]);
      return rows.map(toInstallation)[0] ?? null;
    },
    async adopt() {
      await query(ADOPT, [instance, database.listen === null, DEAD_AFTER_S]);
    },
    async open() {
      const rows = await select(`installation.instance = $1 and ${IS_OPEN} order by installation.id`, [
        instance,
      ]);
      return rows.map(toOpen);
    },
    close: () => saves.close(),
  };
}

/** Whether a text can be the id of an installation: decimal digits that fit a bigint. */
export function isInstallationId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text);
}

function toOpen(row: InstallationRow): OpenInstallation {
  return { installation: toInstallation(row), work: row.work };
}
