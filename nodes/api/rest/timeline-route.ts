import { notFound } from '../../manager/registry/get-device.js';
import { listOf } from '../../manager/shared/value-schemas.js';
import { TIMELINE_ENTRY, TIMELINE_FIELDS, type TimelineEntry } from '../../manager/timeline/timeline.js';
import { visibleKinds } from '../visible-kinds.js';
import { defineRoute } from './route.js';

const AWAY: TimelineEntry = {
  ...{ kind: 'presence', ref: '481', state: 'offline', what: '', changed: [], who: null, job: null },
  ...{ at: '2025-11-29T13:02:00.000Z', until: '2025-11-29T13:09:00.000Z' },
  ...{ reason: 'keepalive timeout', cause: { code: 'keepalive-timeout', params: {} } },
  because: {
    ...{ kind: 'command', ref: '7201', at: '2025-11-29T13:00:40.000Z', what: 'PUT /system/reboot' },
    ...{ who: 'otto', job: null, jobName: null },
  },
};

/** The REST route for the timeline of a gateway. */
export const TIMELINE_ROUTE = defineRoute({
  method: 'GET',
  path: '/device/{clientid}/timeline',
  operationId: 'getTimeline',
  tag: 'Gateways',
  summary: 'Read what happened to a gateway, newest first',
  description:
    'Presence, commands, installations, alarms, edits and jobs in one list; `kinds` given several times chooses some of them. An absence says what restarted the gateway, if that was shortly before. What the manager reads for itself, and the requests of an installation, are left out. Edits are told to operators.',
  role: 'viewer',
  errors: ['NOT_FOUND'],
  isPaged: true,
  query: { type: 'object', properties: TIMELINE_FIELDS, additionalProperties: false },
  data: listOf(TIMELINE_ENTRY),
  examples: { data: [AWAY] },
  async answer({ registry, timeline }, { params: { clientid = '' }, query }, { role }) {
    if ((await registry.get(clientid)) === null) throw notFound(clientid);
    const kinds = visibleKinds(role, query.kinds);
    if (kinds.length === 0) return { data: [], next: null };
    const { items, next } = await timeline.list(clientid, { ...query, kinds });
    return { data: items, next };
  },
});
