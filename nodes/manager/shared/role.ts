import { denialReason } from './denial-reasons.js';
import type { Reason } from './reason.js';

/** All roles. Each may do everything that the ones before it may do. */
export const ROLES = ['viewer', 'operator', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a person with `role` may do what needs the role `needed`. Null means no role, which may do nothing. */
export function mayAct(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The reason for somebody whose role does not suffice. */
export function missingRole(role: Role, needed: Role): Reason {
  return denialReason('role-missing', { needed, role });
}

/** The higher one of two roles. */
export function higherRole(one: Role, other: Role): Role {
  return mayAct(one, other) ? one : other;
}

/** The lower one of two roles. */
export function lowerRole(one: Role, other: Role): Role {
  return mayAct(one, other) ? other : one;
}
