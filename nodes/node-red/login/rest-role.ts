import type { OperationSet } from '../../manager/catalogue/operation-set.js';
import { commandRisk, roleFor } from '../../manager/commands/preview.js';
import type { Role } from '../../manager/shared/role.js';
import { isPlainObject } from '../../manager/shared/validate.js';

/** Methods that do nothing. */
export const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What people do to the catalogue they do in the editor, which is for administrators. */
const OF_CATALOGUE = /^\/api\/operation(?:\/|$)/;
const COMMAND = /^\/api\/emqx\/clients\/:\w+\/message\/?$/;

/** The role that a call takes, as far as its method and its route or path (in small letters) tell. */
export function roleOfCall(method: string, route: string): Role {
  if (READS.has(method)) return 'viewer';
  return OF_CATALOGUE.test(route) ? 'administrator' : 'operator';
}

/** Whether what a call takes depends on the command in its body. */
export function isCommandCall(method: string, route: string): boolean {
  return !READS.has(method) && COMMAND.test(route);
}

/** The role that a command takes, as a body of REST asks for it. */
export function roleOfCommand(catalogue: OperationSet, body: unknown): Role {
  return roleFor(commandRisk(catalogue, isPlainObject(body) ? body : {}));
}
