import { findRoute } from '../../api/rest/find-route.js';
import type { OperationSet } from '../../manager/catalogue/operation-set.js';
import { commandRisk, roleFor } from '../../manager/commands/preview.js';
import type { Role } from '../../manager/shared/role.js';
import { isPlainObject } from '../../manager/shared/validate.js';

/** Methods that do nothing. */
export const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const COMMAND = /^\/api\/emqx\/clients\/:\w+\/message\/?$/;

/**
 * The role that a call takes, as far as its method and its route or path (in small letters) tell: what the table of REST says, whoever
 * serves it, an older flow too; of routes that somebody added, by their method.
 */
export function roleOfCall(method: string, route: string): Role {
  const known = findRoute(method, route.replace(/^\/api(?=\/)/, ''))?.route.role;
  return known ?? (READS.has(method) ? 'viewer' : 'operator');
}

/** Whether what a call takes depends on the command in its body. */
export function isCommandCall(method: string, route: string): boolean {
  return !READS.has(method) && COMMAND.test(route);
}

/** The role that a command takes, as a body of REST asks for it. */
export function roleOfCommand(catalogue: OperationSet, body: unknown): Role {
  return roleFor(commandRisk(catalogue, isPlainObject(body) ? body : {}));
}
