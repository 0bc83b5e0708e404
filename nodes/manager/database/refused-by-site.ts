import { messageOf, TpeError } from '../shared/tpe-error.js';
import { sqlstateOf } from './sqlstate.js';

/** Codes for a missing table, function, column or type: the fault of a trigger, or else of our own statement. */
const NOT_FOUND = /^42(P01|883|703|704)$/;

/** What to do, by class of SQLSTATE, because the server's text may be in any language. */
const WORDS: readonly [RegExp, string][] = [
  [
    /^23503$/,
    'rows of another table refer to it: change or remove those first, or let the foreign key do it (ON DELETE)',
  ],
  [
    /^23502$/,
    'a column of yours must be given a value: ALTER TABLE ... ALTER COLUMN ... DROP NOT NULL, or SET DEFAULT',
  ],
  [/^23/, 'a rule of yours does not allow it: change it, or ALTER TABLE ... DROP CONSTRAINT'],
  [/^(P0|38|39)/, 'a trigger of yours refuses it: change it, or ALTER TABLE ... DISABLE TRIGGER'],
  [
    NOT_FOUND,
    'a trigger of yours does not find what it uses: name that with its schema, or put its schema into the search_path of the role',
  ],
  [
    /^42P10$/,
    'the table is published in a way that allows no changes: ALTER TABLE ... REPLICA IDENTITY DEFAULT, or publish all that identifies a row',
  ],
  [
    /^42501$/,
    'the role of the manager lacks a right: give it back, as the owner of the table or a superuser, by GRANT',
  ],
];

/**
 * CONFLICT for a change that is refused by something that the site has added to the tables: a foreign key, a check, a trigger. Null for
 * every other error.
 */
export function refusedBySite(error: unknown): TpeError | null {
  const sqlstate = sqlstateOf(error);
  const isOfTrigger = (error as { where?: unknown } | null)?.where !== undefined;
  if (sqlstate !== null && NOT_FOUND.test(sqlstate) && !isOfTrigger) return null;
  const words = sqlstate === null ? undefined : WORDS.find(([pattern]) => pattern.test(sqlstate))?.[1];
  if (words === undefined) return null;
  const { table, column, constraint } = error as { table?: string; column?: string; constraint?: string };
  const place = [
    table && `table ${table}`,
    column && `column ${column}`,
    constraint && `constraint ${constraint}`,
  ];
  const facts = [messageOf(error), ...place.filter(Boolean)].join('; ');
  const text = `The database refuses it, since ${words} (${sqlstate}: ${facts}).`;
  return new TpeError('CONFLICT', text, { sqlstate }, error);
}
