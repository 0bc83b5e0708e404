import { findRoute } from '../../api/rest/find-route.js';
import type { OperationSet } from '../../manager/catalogue/operation-set.js';
import { commandRisk, roleFor } from '../../manager/commands/preview.js';
import type { Role } from '../../manager/shared/role.js';
import { isPlainObject } from '../../manager/shared/validate.js';

/** HTTP methods that change nothing. */
export const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const COMMAND = /^\/api\/emqx\/clients\/:\w+\/message\/?$/;

/**
 * The role that a call needs, by its method and its route or path (in lower case). A route in REST's table has the role of the table, even
 * when an older flow serves it. Any other route needs a viewer to read and an operator for the rest.
 */
export function roleOfCall(method: string, route: string): Role {
  const known = findRoute(method, route.replace(/^\/api(?=\/)/, ''))?.route.role;
  return known ?? (READS.has(method) ? 'viewer' : 'operator');
}

/** Whether the role that a call needs depends on the command in its body. */
export function isCommandCall(method: string, route: string): boolean {
  return !READS.has(method) && COMMAND.test(route);
}

/** The role that the command in a REST body needs. */
export function roleOfCommand(catalogue: OperationSet, body: unknown): Role {
  return roleFor(commandRisk(catalogue, isPlainObject(body) ? body : {}));
}
