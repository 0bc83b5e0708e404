export const FOREIGN_KEY_VIOLATION = '23503';
export const UNIQUE_VIOLATION = '23505';

/** The SQLSTATE of an error, which is the same in every language of the server; null for an error that is not PostgreSQL's. */
export function sqlstateOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** Whether a lock was not available in time or transactions deadlocked, so that another attempt may succeed. */
export function isLockFault(error: unknown): boolean {
  const sqlstate = sqlstateOf(error);
  return sqlstate === '55P03' || sqlstate === '40P01';
}
