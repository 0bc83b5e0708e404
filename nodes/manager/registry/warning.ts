import type { Reason } from '../shared/reason.js';
import { CHURN_COLUMNS, type ChurnRow, churnWarning, MAY_BE_CHURN } from './churn.js';
import { REFUSED_COLUMNS, type RefusedRow, refusedWarning } from './refused-login.js';

/** The columns that connectWarning reads, of tpe_presence under the alias `device`. */
export const WARNING_COLUMNS = `${CHURN_COLUMNS}, ${REFUSED_COLUMNS}`;

/** SQL: whether connectWarning may find something; for most gateways there is nothing to read. */
export const MAY_WARN = `(${MAY_BE_CHURN} or device.refused_login is not null)`;

export type WarningRow = ChurnRow & RefusedRow;

/** Describes a problem of a gateway's connection for a person; null if there is none. `now` is ms since the epoch. */
export function connectWarning(row: WarningRow, now: number): Reason | null {
  return refusedWarning(row, now) ?? churnWarning(row, now);
}
