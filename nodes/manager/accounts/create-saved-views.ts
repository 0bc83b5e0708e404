import type { Database, Row } from '../database/database.js';
import { FOREIGN_KEY_VIOLATION, sqlstateOf, UNIQUE_VIOLATION } from '../database/sqlstate.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';
import {
  MAX_VIEWS_OF_PERSON,
  parseNewSavedView,
  parseViewChange,
  type SavedView,
  type SavedViews,
} from './saved-view.js';
import { RESERVED_NAME } from './user-name.js';

interface ViewRow extends Row {
  id: string;
  page: string;
  name: string;
  query: string;
  is_pinned: boolean;
}

const COLUMNS = 'id::text as id, page, name, query, is_pinned';
/** First key of the advisory lock; the second one is of the owner. All managers together create one view of a person at a time. */
const LOCK = 873_650;

const OF_ACCOUNT = "coalesce(account_id, '') = coalesce($1::text, '')";
const LIST = `select ${COLUMNS} from tpe_saved_view where ${OF_ACCOUNT} order by lower(name), id`;
const COUNT = `select count(*)::integer as count from tpe_saved_view where ${OF_ACCOUNT}`;
const INSERT = `
  insert into tpe_saved_view (account_id, page, name, query, is_pinned) values ($1::text, $2, $3, $4, $5) returning ${COLUMNS}`;
// Compared as text, because the given id may exceed the database's numbers.
const CHANGE = `
  update tpe_saved_view set name = coalesce($3, name), query = coalesce($4, query), is_pinned = coalesce($5, is_pinned)
  where ${OF_ACCOUNT} and id::text = $2 returning ${COLUMNS}`;
const REMOVE = `delete from tpe_saved_view where ${OF_ACCOUNT} and id::text = $2 returning id`;

/** Keeps the views of people on a migrated database. `onChange` is called after each change. */
export function createSavedViews(database: Database, onChange: () => void): SavedViews {
  return {
    listOf: async (accountId) => (await database.query<ViewRow>(LIST, [columnOf(accountId)])).map(toView),

    async create(accountId, given) {
      const { page, name, query, isPinned = true } = parseNewSavedView(given);
      const owner = columnOf(accountId);
      refuseUnstorable(name, query);
      const view = await withRefusals(name, () =>
        database.transaction(async (transaction) => {
          await transaction.query('select pg_advisory_xact_lock($1, hashtext($2))', [LOCK, accountId]);
          const [counted] = await transaction.query<{ count: number }>(COUNT, [owner]);
          if (counted!.count >= MAX_VIEWS_OF_PERSON)
            throw new TpeError('CONFLICT', accountReason('too-many-views', { count: counted!.count }));
          const [row] = await transaction.query<ViewRow>(INSERT, [owner, page, name.trim(), query, isPinned]);
          return toView(row!);
        }),
      );
      onChange();
      return view;
    },

    async change(accountId, id, given) {
      const { name, query, isPinned } = parseViewChange(given);
      refuseUnstorable(name ?? '', query ?? '');
      const values = [name?.trim() ?? null, query ?? null, isPinned ?? null];
      const [row] = await withRefusals(name ?? '', () =>
        database.query<ViewRow>(CHANGE, [columnOf(accountId), id, ...values]),
      );
      if (row === undefined) throw new TpeError('NOT_FOUND', accountReason('view-gone'));
      onChange();
      return toView(row);
    },

    async remove(accountId, id) {
      const removed = await database.query(REMOVE, [columnOf(accountId), id]);
      if (removed.length === 0) throw new TpeError('NOT_FOUND', accountReason('view-gone'));
      onChange();
    },
  };
}

/** The administrator of the data folder is no row of the accounts. */
function columnOf(accountId: string): string | null {
  return accountId === RESERVED_NAME ? null : accountId;
}

function toView({ id, page, name, query, is_pinned }: ViewRow): SavedView {
  return { id, page, name, query, isPinned: is_pinned };
}

function refuseUnstorable(...texts: string[]): void {
  if (texts.every(isStorable)) return;
  throw new TpeError('INVALID_INPUT', accountReason('view-name-unseen'));
}

async function withRefusals<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const state = sqlstateOf(error);
    if (state === UNIQUE_VIOLATION)
      throw new TpeError('CONFLICT', accountReason('view-name-taken', { name }));
    if (state === FOREIGN_KEY_VIOLATION) throw new TpeError('CONFLICT', accountReason('user-gone'));
    throw error;
  }
}
