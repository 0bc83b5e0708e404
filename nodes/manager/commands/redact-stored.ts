import { isDeepStrictEqual } from 'node:util';
import { secretLevels } from '../catalogue/marked-secrets.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Database, Queryable, Row } from '../database/database.js';
import { pause } from '../shared/pause.js';
import type { Cause } from '../shared/reason.js';
import { type Redaction, redact } from '../shared/redact.js';
import { redactPath } from '../shared/redact-path.js';
import { redactReason } from '../shared/redact-reason.js';
import { redactionOf } from './prepare-command.js';

/** The most rows, and the most stored bytes, of one transaction. */
const PIECE = { rows: 100, bytes: 512 * 1024 };
/** The pause between two transactions, ms, in which other work reaches the database. */
const REST_MS = 50;
/** The time after which another manager takes over from one that died, ms. */
const CLAIM_MS = 60_000;

/** A table, its key, and the columns that may hold secrets. */
interface Kept {
  table: string;
  key: string;
  columns: Record<string, 'jsonb' | 'text'>;
  /** Returns the columns of a row without secrets. */
  redacted(row: Row): Row;
}

/**
 * Hides secrets in rows that were recorded before secrets were hidden; migration 021 noted which. One of several managers does it, some
 * rows at a time, until nothing is left or `signal` is aborted. Resolves with the number of rows changed. Rejects as the database does;
 * the next call goes on where this one stopped.
 */
export async function redactStored(
  database: Database,
  schedule: Schedule,
  catalogue: Pick<OperationSet, 'get'>,
  signal: AbortSignal,
): Promise<number> {
  let changed = 0;
  await schedule.attempt('redaction', CLAIM_MS, async (isOurs) => {
    for (const kept of [ofCommands(catalogue), AUDIT]) {
      for (;;) {
        if (signal.aborted || !(await isOurs())) return;
        const piece = await database.transaction((transaction) => redactPiece(transaction, kept));
        if (piece === null) break;
        changed += piece;
        await pause(REST_MS, { ref: false, signal });
      }
    }
  });
  return changed;
}

/** Redacts one piece. Resolves with the number of rows changed; null if nothing was left. */
async function redactPiece(transaction: Queryable, kept: Kept): Promise<number | null> {
  const { table, key, columns } = kept;
  const names = Object.keys(columns);
  const [mark] = await transaction.query<{ below: string }>(
    'select below::text as below from tpe_redaction where of_table = $1 for update',
    [table],
  );
  if (mark === undefined) return null;
  const size = names.map((name) => `coalesce(pg_column_size(${name}), 0)`).join(' + ');
  const rows = await transaction.query(
    `select * from (
       select *, ${key}::text as redacted_key, sum(${size}) over (order by ${key} desc) as redacted_size,
         row_number() over (order by ${key} desc) as redacted_row
       from (select * from ${table} where ${key} < $1::bigint order by ${key} desc limit ${PIECE.rows} for update) newest) piece
     where redacted_row = 1 or redacted_size <= ${PIECE.bytes} order by ${key} desc`,
    [mark.below],
  );
  const last = rows.at(-1);
  if (last === undefined) {
    await transaction.query('delete from tpe_redaction where of_table = $1', [table]);
    return null;
  }
  const changed = rows
    .map((row) => ({ row, to: kept.redacted(row) }))
    .filter(({ row, to }) => names.some((name) => !isDeepStrictEqual(row[name], to[name])));
  if (changed.length > 0) {
    await transaction.query(
      `update ${table} stored set ${names.map((name) => `${name} = given.${name}::${columns[name]}`).join(', ')}
       from unnest($1::bigint[], ${names.map((_name, index) => `$${index + 2}::text[]`).join(', ')})
         as given (given_key, ${names.join(', ')})
       where stored.${key} = given.given_key`,
      [
        changed.map(({ row }) => row.redacted_key),
        ...names.map((name) => changed.map(({ to }) => asText(to[name], columns[name]!))),
      ],
    );
  }
  await transaction.query('update tpe_redaction set below = $2::bigint where of_table = $1', [
    table,
    last.redacted_key,
  ]);
  return changed.length;
}

function asText(value: unknown, type: 'jsonb' | 'text'): unknown {
  if (value === null || value === undefined) return null;
  return type === 'jsonb' ? JSON.stringify(value) : value;
}

function ofCommands(catalogue: Pick<OperationSet, 'get'>): Kept {
  return {
    table: 'tpe_command',
    key: 'request_id',
    columns: {
      path: 'text',
      request_body: 'jsonb',
      reason: 'text',
      cause: 'jsonb',
      answer_payload: 'jsonb',
      faults: 'jsonb',
    },
    redacted(row) {
      const operation = typeof row.operation === 'string' ? catalogue.get(row.operation) : null;
      const { path, request_body: body, reason, cause, answer_payload: answer, faults } = row;
      const redaction = redactionOf(path, operation, body);
      return {
        path: redactPath(String(path), redaction.names, secretLevels(operation)),
        request_body: redact(body, redaction),
        ...redactedReason(reason, cause, redaction),
        answer_payload: redact(answer, redaction),
        faults: redact(faults, redaction),
      };
    },
  };
}

function redactedReason(reason: unknown, cause: unknown, redaction?: Redaction): Row {
  if (typeof reason !== 'string') return { reason, cause };
  const shown = redactReason({ text: reason, cause: cause as Cause | null }, redaction);
  return { reason: shown.text, cause: shown.cause };
}

const AUDIT: Kept = {
  table: 'tpe_audit',
  key: 'id',
  columns: { detail: 'jsonb', reason: 'text', cause: 'jsonb' },
  redacted: ({ detail, reason, cause }) => ({ detail: redact(detail), ...redactedReason(reason, cause) }),
};
