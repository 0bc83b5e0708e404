import type { Queryable } from '../../database/database.js';
import { gatewaysNamed, isNamedSql, type NamedGateways } from '../../registry/gateways-named.js';
import type { InstallationQuery } from './installation.js';

/** A page of installations as the end of a statement on tpe_installation under the alias `installation`. */
export interface AskedInstallations {
  condition: string;
  parameters: unknown[];
}

type Add = (value: unknown) => string;

/**
 * Makes the SQL of a page of installations, newest first. What narrows nothing is left out, so that they are found by what leaves least.
 * Rejects with INVALID_INPUT for a text that no gateway can have.
 */
export async function installationsAsked(
  database: Queryable,
  { clientid, gateway = '', state, before, limit = 50 }: InstallationQuery,
): Promise<AskedInstallations> {
  const named = gateway.trim() === '' ? null : await gatewaysNamed(database, gateway);
  const parameters: unknown[] = [limit];
  const add: Add = (value) => `$${parameters.push(value)}`;
  const conditions = [
    ...(clientid === undefined ? [] : [`installation.clientid = ${add(clientid)}`]),
    ...(state === undefined ? [] : [`installation.state = ${add(state)}`]),
    ...(before === undefined ? [] : [`installation.id < ${add(before)}::bigint`]),
    ...(named === null ? [] : [isOneOf(named, add)]),
  ];
  const where = conditions.length === 0 ? 'true' : conditions.join(' and ');
  return { condition: `${where} order by installation.id desc limit $1`, parameters };
}

/** SQL of whether an installation is on one of the gateways. */
function isOneOf({ clientids, pattern }: NamedGateways, add: Add): string {
  return clientids === null
    ? isNamedSql('installation.clientid', add(pattern))
    : `installation.clientid = any(${add(clientids)}::text[])`;
}
