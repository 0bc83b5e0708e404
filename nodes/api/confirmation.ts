import type { Role } from '../manager/shared/role.js';

/** The text that confirms a change of role. It includes the old role, so that it is no longer valid once the role has changed. */
export function roleConfirmationOf(from: Role, to: Role): string {
  return `${from} > ${to}`;
}

/** The text that confirms a request: the client id for one gateway, or the number of gateways for several. */
export function confirmationOf(clientids: readonly string[]): string {
  return clientids.length === 1 ? clientids[0]! : String(clientids.length);
}

/** The text that confirms that a stop is lifted: the site, the model or the job that it holds back, or the word for the whole fleet. */
export function liftConfirmationOf({ scope, value }: { scope: string; value: string | null }): string {
  return value ?? scope;
}
