import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { sqlstateOf } from '../sqlstate.js';
import { isUnavailable } from '../unavailable.js';

/** The role, database and server of a connection, without the password. */
export interface Visitor {
  user: string;
  database: string;
  server: string;
}

/** What to do, by SQLSTATE, because the server's text may be in any language. */
const WORDS: Readonly<Record<string, (visitor: Visitor) => string>> = {
  '28P01': ({ user }) =>
    `does not take the password of ${user}: put it right in the URL, or set it there by ALTER ROLE ${identifier(user)} PASSWORD '...'`,
  '28000': ({ user, database }) =>
    `refuses ${user}: the role must exist and have LOGIN, and pg_hba.conf needs a line for ${user}, the database ${database} and this machine's address (with or without TLS, as the URL's sslmode says)`,
  '3D000': ({ user, database }) =>
    `has no database ${database}: run, as an administrator of it, CREATE DATABASE ${identifier(database)} OWNER ${identifier(user)} TEMPLATE template0 ENCODING 'UTF8';`,
  '42501': ({ user, database }) =>
    `refuses ${user} the database ${database}: run, as its owner or a superuser, GRANT CONNECT ON DATABASE ${identifier(database)} TO ${identifier(user)};`,
  '53300': ({ user }) =>
    `has no connection left for ${user}: all of max_connections, of the role's CONNECTION LIMIT or of the database's are taken. Each manager wants up to 17; raise the limit, or end what holds them (SELECT usename, application_name, count(*) FROM pg_stat_activity GROUP BY 1, 2)`,
  '57P03': () => 'is starting, stopping or recovering, and accepts no connections yet',
  '57P05': ({ user }) =>
    `ends sessions sooner than anything can be asked: ALTER ROLE ${identifier(user)} SET idle_session_timeout = 0;`,
  '25P04': ({ user }) =>
    `ends transactions sooner than anything can be asked: ALTER ROLE ${identifier(user)} SET transaction_timeout = 0;`,
  '57014': ({ user }) =>
    `ends statements sooner than anything can be asked: ALTER ROLE ${identifier(user)} SET statement_timeout = 0;`,
  '55000': ({ database }) => `does not take connections to the database ${database} at present`,
  '08P01': () =>
    'or a pooler before it does not take the way in which we connect; a pooler must be in session mode (pool_mode = session)',
};

/**
 * The error that callers get when a connection could not be made: UNAVAILABLE with what to do, since the same call may work later. A
 * TpeError, and an error of the network that needs no further words, stay as they are.
 */
export function refusedConnection(error: unknown, visitor: Visitor): unknown {
  if (error instanceof TpeError) return error;
  const sqlstate = sqlstateOf(error);
  const words = sqlstate === null ? ofDriver(error) : WORDS[sqlstate]?.(visitor);
  if (words === undefined && isUnavailable(error)) return error;
  const said = sqlstate === null ? messageOf(error) : `${sqlstate}: ${messageOf(error)}`;
  const text = `The PostgreSQL server ${visitor.server} ${words ?? 'cannot be used'} (${said}).`;
  return new TpeError('UNAVAILABLE', text, { ...(sqlstate !== null && { sqlstate }) }, error);
}

/** Whether an error of `refusedConnection` means that the server has no connection left. */
export function isOutOfConnections(error: unknown): boolean {
  return error instanceof TpeError && error.details.sqlstate === '53300';
}

/** Error messages of the driver, which are always in one language. */
const DRIVER_WORDS: readonly [RegExp, string][] = [
  [
    /password must be a (non-empty )?string/i,
    'asks for a password, and the URL has none: postgresql://USER:PASSWORD@HOST/DATABASE',
  ],
  [
    /does not support SSL/,
    'does not speak TLS, which the URL asks for: set ssl = on there with a certificate, or sslmode=disable in the URL',
  ],
  [
    /certificate|altnames/i,
    'shows a certificate that is not to be trusted: give its CA (sslrootcert) and the host name that is in it',
  ],
];

function ofDriver(error: unknown): string | undefined {
  const text = messageOf(error);
  return DRIVER_WORDS.find(([pattern]) => pattern.test(text))?.[1];
}

/** A name as SQL takes it: always quoted, because it may contain anything. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
