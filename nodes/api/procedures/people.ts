import { accountReason } from '../../manager/accounts/account-reasons.js';
import type { User, Users } from '../../manager/accounts/users.js';
import type { AuditEntry } from '../../manager/audit/audit-entry.js';
import { csvPart, guardFormula } from '../../manager/shared/files/csv-writer.js';
import { ID_CURSOR, pageById } from '../../manager/shared/page.js';
import { ROLES, type Role } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { AUDIT_FILTER } from '../audit-filter.js';
import { callReason } from '../call-reasons.js';
import { roleConfirmationOf } from '../confirmation.js';
import { defineProcedure } from '../procedure.js';
import { nothing, pageOfNewest, separator } from './inputs.js';

/** The id identifies the account, because another person may have the name by now. The audit records the name that the caller saw. */
const user = {
  type: 'object',
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 100 },
    name: { type: 'string', maxLength: 200 },
  },
  required: ['id', 'name'],
  additionalProperties: false,
} as const;
const oneUser = {
  type: 'object',
  properties: { user },
  required: ['user'],
  additionalProperties: false,
} as const;
const name = { type: 'string', minLength: 1, maxLength: 200 } as const;
const password = { type: 'string', maxLength: 1000 } as const;
const AUDIT_PAGE = 500;
const AUDIT_COLUMNS =
  'at,who,role,address,action,clientid,outcome,reason,detail,accountId,cause,job,door'.split(',');

/** The procedures for accounts and for the audit. */
export const PEOPLE_PROCEDURES = {
  /** Returns who the caller is. */
  'people.me': defineProcedure({
    role: null,
    input: nothing,
    handler: async (_manager, _input, { id, name, role, hasLogin, isSignedIn, ownPassword }) => ({
      id,
      name,
      role,
      hasLogin,
      isSignedIn,
      /** Where the caller can change the own password; null if there is none. */
      password: ownPassword?.place() ?? null,
    }),
    invalidatedBy: ({ kind }) => kind === 'account',
  }),

  /** Also ends all other sessions of the caller. */
  'people.changeOwnPassword': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { old: password, new: password },
      required: ['old', 'new'],
      additionalProperties: false,
    },
    async handler(_manager, passwords, { ownPassword }) {
      if (ownPassword === null) throw new TpeError('CONFLICT', callReason('no-own-password'));
      await ownPassword.change(passwords);
      return null;
    },
    audit: () => ({ action: 'user.changeOwnPassword' }),
  }),

  'people.list': defineProcedure({
    role: 'administrator',
    input: nothing,
    handler: ({ users }) => users.list(),
    invalidatedBy: ({ kind }) => kind === 'account',
  }),

  /** Generates a password if none is given. This answer is the only one that ever contains it. */
  'people.create': defineProcedure({
    role: 'administrator',
    input: {
      type: 'object',
      properties: { name, fullName: { type: 'string', maxLength: 200 }, role: { enum: ROLES }, password },
      required: ['name', 'role'],
      additionalProperties: false,
    },
    handler: ({ users }, input, caller) => users.create(input, caller.name),
    audit: ({ name, role }) => ({ action: 'user.create', detail: { user: name, role } }),
  }),

  /** A change of role needs a confirmation that names the old role and the new role. */
  'people.change': defineProcedure({
    role: 'administrator',
    input: {
      type: 'object',
      properties: {
        user,
        fullName: { type: 'string', maxLength: 200 },
        role: { enum: ROLES },
        enabled: { type: 'boolean' },
        confirm: { type: 'string', maxLength: 100 },
      },
      required: ['user'],
      additionalProperties: false,
    },
    async handler({ users }, { user, confirm, ...change }, caller) {
      refuseSelf(user.id, caller.id, 'own-role');
      const found = await userOf(users, user);
      if (change.role !== undefined) refuseUnconfirmed(found, change.role, confirm);
      return await users.update(user.id, change);
    },
    async audit({ user, confirm: _confirm, ...detail }, { users }) {
      const found = (await users.list()).find(({ id }) => id === user.id);
      const changed = (Object.keys(detail) as (keyof typeof detail)[]).filter(
        (name) => found !== undefined && found[name] !== detail[name],
      );
      const was = Object.fromEntries(changed.map((name) => [name, found?.[name]]));
      return {
        action: 'user.change',
        detail: { ...told(user), ...detail, ...(changed.length > 0 && { was }) },
      };
    },
  }),

  /** Also ends the user's sessions. */
  'people.setPassword': defineProcedure({
    role: 'administrator',
    input: {
      type: 'object',
      properties: { user, password },
      required: ['user'],
      additionalProperties: false,
    },
    handler: async ({ users }, input) =>
      await users.setPassword((await userOf(users, input.user)).id, input.password),
    audit: ({ user }) => ({ action: 'user.setPassword', detail: told(user) }),
  }),

  'people.endSessions': defineProcedure({
    role: 'administrator',
    input: oneUser,
    handler: async ({ users }, input) => {
      await users.endSessions((await userOf(users, input.user)).id);
      return null;
    },
    audit: ({ user }) => ({ action: 'user.endSessions', detail: told(user) }),
  }),

  'people.remove': defineProcedure({
    role: 'administrator',
    input: oneUser,
    async handler({ users }, input, caller) {
      refuseSelf(input.user.id, caller.id, 'remove-yourself');
      await users.remove((await userOf(users, input.user)).id);
      return null;
    },
    audit: ({ user }) => ({ action: 'user.remove', detail: told(user) }),
  }),

  /** Lists audit entries, newest first. */
  'audit.list': defineProcedure({
    role: 'operator',
    input: {
      type: 'object',
      properties: { ...AUDIT_FILTER, ...pageOfNewest },
      required: ['limit'],
      additionalProperties: false,
    },
    async handler({ audit }, { cursor: before, ...query }) {
      const entries = await audit.list({ ...query, ...(before !== undefined && { before }) });
      return pageById(entries, query.limit, ({ id }) => id);
    },
    invalidatedBy: ({ kind }) => kind === 'audit',
  }),

  /** Returns one part of a CSV file, newest entries first, and the cursor of the next part. */
  'audit.export': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: {
      type: 'object',
      properties: { ...AUDIT_FILTER, cursor: ID_CURSOR, separator },
      additionalProperties: false,
    },
    async handler({ audit }, { cursor, separator, ...query }) {
      const before = cursor === undefined ? {} : { before: cursor };
      const entries = await audit.list({ ...query, ...before, limit: AUDIT_PAGE });
      const rows = entries.map((entry) => cellsOf(entry).map((cell) => guardFormula(cell ?? '')));
      return {
        text: csvPart({ rows, header: cursor === undefined ? AUDIT_COLUMNS : undefined, separator }),
        next: pageById(entries, AUDIT_PAGE, ({ id }) => id).next,
      };
    },
  }),
} as const;

/** The cells of an entry, in the order of AUDIT_COLUMNS. */
function cellsOf(entry: AuditEntry): (string | null)[] {
  const { at, who, role, address, action, clientid, outcome, reason, detail, accountId, cause, job, door } =
    entry;
  const told = [at, who, role, address, action, clientid, outcome, reason];
  return [...told, JSON.stringify(detail), accountId, cause && JSON.stringify(cause), job, door];
}

function refuseSelf(id: string, own: string | null, why: 'own-role' | 'remove-yourself'): void {
  if (id !== own) return;
  throw new TpeError('CONFLICT', callReason(why));
}

interface NamedUser {
  id: string;
  name: string;
}

function told({ id, name }: NamedUser): Record<string, unknown> {
  return { user: name, userId: id };
}

async function userOf(users: Users, { id, name }: NamedUser): Promise<User> {
  const found = (await users.list()).find((one) => one.id === id);
  if (found?.name === name) return found;
  throw new TpeError('NOT_FOUND', accountReason('user-gone'));
}

function refuseUnconfirmed({ name, role: from }: User, to: Role, confirm: string | undefined): void {
  const confirmation = roleConfirmationOf(from, to);
  if (from === to || confirm === confirmation) return;
  throw new TpeError('CONFLICT', callReason('confirm-role-change', { user: name, from, to, confirmation }));
}
