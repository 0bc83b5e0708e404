import { messageOf, TpeError } from '../shared/tpe-error.js';
import { sqlstateOf } from './sqlstate.js';

/** What the server says about an error in addition to its text. */
interface ServerWords {
  schema?: string;
  table?: string;
  column?: string;
  constraint?: string;
  detail?: string;
  hint?: string;
  /** The functions and triggers in which the error occurred. */
  where?: string;
}

/** What to do, by SQLSTATE, because the server's text may be in any language. */
const REMEDIES: readonly [RegExp, (words: ServerWords) => string][] = [
  [
    /^42501$/,
    ({ table }) =>
      `the manager's role lacks a right: run, as a superuser, ALTER TABLE ${table ?? '(the table named there)'} OWNER TO the_role; or GRANT it what is named there`,
  ],
  [
    /^3F000$/,
    () =>
      'run, as an owner of the database, CREATE SCHEMA public; GRANT USAGE, CREATE ON SCHEMA public TO the_role;',
  ],
  [
    /^58P01$|^0A000$/,
    () =>
      'something of yours stands on what is changed, or a part of PostgreSQL is not installed (package postgresql-contrib): drop it, or install it, as is said there',
  ],
  [/^42(P07|710|701|723)$/, () => 'something of yours has that name: rename it (ALTER ... RENAME TO ...)'],
  [/^2BP01$/, () => 'something of yours depends on it: drop that, and make it again afterwards'],
  [
    /^23/,
    ({ table, constraint }) =>
      `a rule of yours forbids it: ALTER TABLE ${table ?? '(the table)'} DROP CONSTRAINT ${constraint ?? '(the constraint)'};`,
  ],
  [
    /^(P0|38|39)/,
    () =>
      'a trigger of yours refuses it: ALTER TABLE (its table) DISABLE TRIGGER (its name); or, as a superuser, ALTER EVENT TRIGGER (its name) DISABLE; and enable it afterwards (\\dy in psql lists event triggers)',
  ],
  [
    /^42(P01|883|703|704)$/,
    () =>
      'a trigger or function of yours does not find what it uses: name that with its schema, or put its schema into the search_path of the role',
  ],
  [/^54000$/, () => 'a value in the rows is too long for an index: make it shorter'],
  [
    /^22001$/,
    () =>
      'a column of yours is too short for it: make it longer (ALTER TABLE ... ALTER COLUMN ... TYPE text)',
  ],
  [/^55006$/, () => 'a deferred trigger or foreign key of yours has not run yet: SET it INITIALLY IMMEDIATE'],
];

/** CONFLICT for a migration that the database refused, with what the administrator can do. */
export function migrationRefused(migration: string, error: unknown): TpeError {
  const words = (error ?? {}) as ServerWords;
  const sqlstate = sqlstateOf(error);
  const place = [
    words.table !== undefined && `table ${words.table}`,
    words.column !== undefined && `column ${words.column}`,
    words.constraint !== undefined && `constraint ${words.constraint}`,
  ].filter((part) => part !== false);
  const facts = [messageOf(error), ...place, words.detail, words.hint, words.where].filter(
    (part) => part !== undefined,
  );
  const remedy =
    sqlstate === null ? undefined : REMEDIES.find(([pattern]) => pattern.test(sqlstate))?.[1](words);
  const what = remedy === undefined ? 'Put that right' : `What to do: ${remedy}`;
  const code = sqlstate === null ? '' : ` (${sqlstate})`;
  const text = `The database refused the migration ${migration}${code}, and nothing of it was kept: ${facts.join('; ')}. ${what}; it is tried again by itself.`;
  return new TpeError('CONFLICT', text, { migration, ...(sqlstate !== null && { sqlstate }) }, error);
}
