/** What PostgreSQL says of a refusal in a form that no setting of language changes; null for what did not come from it. */
export function sqlstateOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** True where a lock was not had in time, or two transactions waited for each other: trying again may help. */
export function isLockFault(error: unknown): boolean {
  const sqlstate = sqlstateOf(error);
  return sqlstate === '55P03' || sqlstate === '40P01';
}
