import { AUDIT_ENTRY, type AuditEntry } from '../../manager/audit/audit-entry.js';
import { pageById } from '../../manager/shared/page.js';
import { listOf } from '../../manager/shared/value-schemas.js';
import { AUDIT_FILTER } from '../audit-filter.js';
import { CLIENT_ID } from './examples.js';
import { filled } from './filled.js';
import { DEFAULT_PAGE, PAGE_OF_HISTORY } from './page-of-history.js';
import { defineRoute } from './route.js';

const REBOOTED: AuditEntry = {
  ...{ id: '9120', at: '2025-11-29T13:00:40.000Z', who: 'otto', accountId: '4', role: 'operator' },
  ...{ address: '10.0.0.21', action: 'command.send', clientid: CLIENT_ID, job: null, door: 'dashboard' },
  detail: { method: 'PUT', path: '/system/reboot', requestId: '1764421240000001' },
  ...{ outcome: 'done', reason: null, cause: null },
};

/** The REST route for the audit. */
export const AUDIT_ROUTE = defineRoute({
  method: 'GET',
  path: '/audit',
  operationId: 'listAudit',
  tag: 'Audit',
  summary: 'List what people and programs did, newest first',
  description:
    'Acts and attempts, also those that were refused; kept for a year. All conditions must be met. `next` of an answer is the `cursor` of the next call.',
  role: 'operator',
  isPaged: true,
  query: {
    type: 'object',
    properties: { ...filled(AUDIT_FILTER), ...PAGE_OF_HISTORY },
    additionalProperties: false,
  },
  data: listOf(AUDIT_ENTRY),
  examples: { data: [REBOOTED] },
  async answer({ audit }, { query: { cursor: before, limit = DEFAULT_PAGE, ...query } }) {
    const entries = await audit.list({ ...query, limit, ...(before !== undefined && { before }) });
    const { items, next } = pageById(entries, limit, ({ id }) => id);
    return { data: items, next };
  },
});
