import type { Role } from '../manager/shared/role.js';

/** The confirmation of a change of role. It names the old role too, so that it does not fit once the role has changed. */
export function roleConfirmationOf(from: Role, to: Role): string {
  return `${from} > ${to}`;
}

/** The text that confirms a request: the client id of one gateway, the number of several. */
export function confirmationOf(clientids: readonly string[]): string {
  return clientids.length === 1 ? clientids[0]! : String(clientids.length);
}
