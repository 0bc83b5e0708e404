import { ROLES, type Role } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isBlank } from './blank.js';

// Rights on a dashboard that the login of this pack does not guard, because Node-RED runs with other settings than those of the pack.

/** The fields of tpe-server for these rights, as the editor stores them. */
export interface AccessConfig {
  /** `nothing`, `view` or `operate`. Default `view`. */
  withoutSignIn?: string;
  /** One entry a line: a user of the dashboard, `=`, a role. The name `*` stands for every user that the dashboard knows. */
  dashboardRoles?: string;
}

export interface DashboardAccess {
  /** The role of everybody who opens the page; null for no rights. */
  withoutSignIn: Role | null;
  /** Roles by the name of the user as the dashboard's login add-on reports it. `*` stands for every reported user. */
  roles: ReadonlyMap<string, Role>;
}

const LEVELS: Record<string, Role | null> = { nothing: null, view: 'viewer', operate: 'operator' };
const MAX_USERS = 1000;

/** The access if nothing is set. */
export const LOOK_ONLY: DashboardAccess = { withoutSignIn: 'viewer', roles: new Map() };
/** The access if the fields cannot be read. */
export const CLOSED: DashboardAccess = { withoutSignIn: null, roles: new Map() };

/** Reads the fields of tpe-server. Throws INVALID_INPUT with the field and the values that it takes. */
export function readDashboardAccess({ withoutSignIn, dashboardRoles }: AccessConfig): DashboardAccess {
  return { withoutSignIn: levelOf(withoutSignIn), roles: rolesIn(dashboardRoles) };
}

function levelOf(value: string | undefined): Role | null {
  if (value === undefined || value === '') return LOOK_ONLY.withoutSignIn;
  const level = Object.hasOwn(LEVELS, value) ? LEVELS[value] : undefined;
  if (level !== undefined) return level;
  throw new TpeError(
    'INVALID_INPUT',
    `"withoutSignIn" must be one of ${Object.keys(LEVELS).join(', ')}, not ${JSON.stringify(value)}.`,
    { field: 'withoutSignIn' },
  );
}

function rolesIn(text: string | undefined): Map<string, Role> {
  const lines = isBlank(text)
    ? []
    : String(text)
        .split('\n')
        .filter((line) => line.trim() !== '');
  if (lines.length > MAX_USERS) throw invalidRoles(`has more than ${MAX_USERS} lines`);
  return new Map(lines.map(entryIn));
}

function entryIn(line: string): [string, Role] {
  const end = line.lastIndexOf('=');
  const name = line.slice(0, Math.max(end, 0)).trim();
  const role = ROLES.find((each) => each === line.slice(end + 1).trim());
  if (end > 0 && name !== '' && role !== undefined) return [name, role];
  throw invalidRoles(`has the line ${JSON.stringify(line.slice(0, 100))}`);
}

function invalidRoles(what: string): TpeError {
  return new TpeError(
    'INVALID_INPUT',
    `"dashboardRoles" ${what}: write one a line, such as "ada = operator"; the roles are ${ROLES.join(', ')}.`,
    { field: 'dashboardRoles' },
  );
}
