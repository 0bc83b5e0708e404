import { ROLES, type Role } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { isBlank } from './blank.js';

// Who may do what on a dashboard that our own login does not guard: in a Node-RED whose settings are not the pack's.

/** The fields of tpe-server, as the editor stores them. */
export interface AccessConfig {
  /** `nothing`, `view` or `operate`; missing is `view`. */
  withoutSignIn?: string;
  /** One a line: a user of the dashboard, `=`, a role; `*` is every user that the dashboard knows. */
  dashboardRoles?: string;
}

export interface DashboardAccess {
  /** What anybody may who opens the page; null: nothing. */
  withoutSignIn: Role | null;
  /** By the user's name, as the dashboard's add-on tells it; `*` for every user that it tells. */
  roles: ReadonlyMap<string, Role>;
}

const LEVELS: Record<string, Role | null> = { nothing: null, view: 'viewer', operate: 'operator' };
const MAX_USERS = 1000;

/** What holds where nothing is set. */
export const LOOK_ONLY: DashboardAccess = { withoutSignIn: 'viewer', roles: new Map() };
/** What holds where what is set cannot be read. */
export const CLOSED: DashboardAccess = { withoutSignIn: null, roles: new Map() };

/** Reads the fields of tpe-server. Throws INVALID_INPUT naming the field and what it takes. */
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
