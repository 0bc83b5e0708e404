import type { Role } from '../manager/shared/role.js';

/** What stands for a change of somebody's role: of one that is another meanwhile nobody was asked. */
export function roleConfirmationOf(from: Role, to: Role): string {
  return `${from} > ${to}`;
}

/** What has to be written to confirm: the client id of one gateway, the number of several. */
export function confirmationOf(clientids: readonly string[]): string {
  return clientids.length === 1 ? clientids[0]! : String(clientids.length);
}
