import { stringify } from 'csv-stringify/sync';
import { OUTCOMES } from '../../manager/accounts/outcome.js';
import { ROLES } from '../../manager/accounts/role.js';
import { guardCell } from '../../manager/registry/file-columns.js';
import { TpeError } from '../../manager/tpe-error.js';
import { defineAsk } from '../ask.js';
import { id, nothing } from './inputs.js';

const name = { type: 'string', minLength: 1, maxLength: 200 } as const;
const password = { type: 'string', maxLength: 1000 } as const;
const auditQuery = {
  who: { type: 'string', maxLength: 200 },
  action: { type: 'string', maxLength: 100 },
  clientid: { type: 'string', maxLength: 200 },
  outcome: { enum: OUTCOMES },
  since: { type: 'string', maxLength: 40 },
  until: { type: 'string', maxLength: 40 },
} as const;
const AUDIT_PAGE = 500;
const AUDIT_COLUMNS = 'at,who,role,address,action,clientid,outcome,reason,detail'.split(',');

/** What can be asked about people, and about what they did. */
export const PEOPLE_ASKS = {
  /** Who asks. */
  'people.me': defineAsk({
    role: 'viewer',
    input: nothing,
    answer: async (_manager, _input, { name, role, hasLogin }) => ({ name, role, hasLogin }),
    isTouchedBy: ({ kind }) => kind === 'account',
  }),

  'people.list': defineAsk({
    role: 'administrator',
    input: nothing,
    answer: ({ users }) => users.list(),
    isTouchedBy: ({ kind }) => kind === 'account',
  }),

  /** A password that is left out is generated, and shown here and never again. */
  'people.create': defineAsk({
    role: 'administrator',
    input: {
      type: 'object',
      properties: { name, fullName: { type: 'string', maxLength: 200 }, role: { enum: ROLES }, password },
      required: ['name', 'role'],
      additionalProperties: false,
    },
    answer: ({ users }, input, asker) => users.create(input, asker.name),
    deed: ({ name, role }) => ({ action: 'user.create', detail: { user: name, role } }),
  }),

  'people.change': defineAsk({
    role: 'administrator',
    input: {
      type: 'object',
      properties: {
        name,
        fullName: { type: 'string', maxLength: 200 },
        role: { enum: ROLES },
        enabled: { type: 'boolean' },
      },
      required: ['name'],
      additionalProperties: false,
    },
    answer({ users }, { name, ...change }, asker) {
      refuseSelf(name, asker.name, 'change your own role');
      return users.update(name, change);
    },
    deed: ({ name, ...detail }) => ({ action: 'user.change', detail: { user: name, ...detail } }),
  }),

  /** Ends the user's sessions. */
  'people.setPassword': defineAsk({
    role: 'administrator',
    input: {
      type: 'object',
      properties: { name, password },
      required: ['name'],
      additionalProperties: false,
    },
    answer: ({ users }, input) => users.setPassword(input.name, input.password),
    deed: ({ name }) => ({ action: 'user.setPassword', detail: { user: name } }),
  }),

  'people.endSessions': defineAsk({
    role: 'administrator',
    input: { type: 'object', properties: { name }, required: ['name'], additionalProperties: false },
    answer: async ({ users }, input) => {
      await users.endSessions(input.name);
      return null;
    },
    deed: ({ name }) => ({ action: 'user.endSessions', detail: { user: name } }),
  }),

  'people.remove': defineAsk({
    role: 'administrator',
    input: { type: 'object', properties: { name }, required: ['name'], additionalProperties: false },
    async answer({ users }, input, asker) {
      refuseSelf(input.name, asker.name, 'remove yourself');
      await users.remove(input.name);
      return null;
    },
    deed: ({ name }) => ({ action: 'user.remove', detail: { user: name } }),
  }),

  /** Newest first. */
  'audit.list': defineAsk({
    role: 'operator',
    input: {
      type: 'object',
      properties: { ...auditQuery, before: id, limit: { type: 'integer', minimum: 1, maximum: 100 } },
      required: ['limit'],
      additionalProperties: false,
    },
    answer: ({ audit }, input) => audit.list(input),
    isTouchedBy: ({ kind }) => kind === 'audit',
  }),

  /** A part of a CSV file, newest first, and what the next one is asked for with. */
  'audit.export': defineAsk({
    role: 'operator',
    isCostly: true,
    input: { type: 'object', properties: { ...auditQuery, cursor: id }, additionalProperties: false },
    async answer({ audit }, { cursor, ...query }) {
      const before = cursor === undefined ? {} : { before: cursor };
      const entries = await audit.list({ ...query, ...before, limit: AUDIT_PAGE });
      const rows = entries.map(({ at, who, role, address, action, clientid, outcome, reason, detail }) =>
        [at, who, role, address, action, clientid, outcome, reason, JSON.stringify(detail)].map((cell) =>
          guardCell(cell ?? ''),
        ),
      );
      const last = entries.length < AUDIT_PAGE ? undefined : entries.at(-1);
      return {
        text: stringify(cursor === undefined ? [AUDIT_COLUMNS, ...rows] : rows),
        next: last?.id ?? null,
      };
    },
  }),
} as const;

function refuseSelf(name: string, own: string, what: string): void {
  if (name.toLowerCase() !== own.toLowerCase()) return;
  throw new TpeError('CONFLICT', `You cannot ${what}: ask another administrator.`);
}
