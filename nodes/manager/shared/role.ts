/** Each may do what the ones before it may. */
export const ROLES = ['viewer', 'operator', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Whether somebody with `role` may do what takes `needed`; null is nobody's role and may nothing. */
export function mayAct(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** What somebody is told whose role does not suffice. */
export function missingRole(role: Role, needed: Role): string {
  return `This needs the role ${needed}; yours is ${role}.`;
}

/** The one of two that may do less. */
export function lowerRole(one: Role, other: Role): Role {
  return mayAct(one, other) ? other : one;
}
