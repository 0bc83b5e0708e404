import type { Risk } from '../catalogue/risk.js';

// A stop holds all that changes gateways; reading is not stopped. The rule stands here, for code and for statements.

/** Whether a stop holds back what has this risk; one that was never rated may be anything. */
export function stopsHold(risk: Risk | null): boolean {
  return risk !== 'read';
}

/** The same in a statement; `risk` is SQL. */
export const STOPS_HOLD = (risk: string) => `${risk} is distinct from 'read'`;
