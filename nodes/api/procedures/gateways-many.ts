import type { DeviceManager } from '../../manager/device-manager.js';
import { DEVICE_FILTER, type DeviceFilter, hasCondition } from '../../manager/registry/device-filter.js';
import { CURSOR } from '../../manager/shared/page.js';
import { createPieceSize } from '../../manager/shared/piece-size.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';
import { filterTold } from '../ids-told.js';
import { defineProcedure } from '../procedure.js';
import { eachGateway, subject } from './each-gateway.js';
import { clientids } from './inputs.js';

/** How long one call works before it tells how far it is, ms: a browser waits a minute for an answer. */
const TURN_MS = 5000;
const PIECES = { first: 100, least: 20, most: 500 };
/** So many gateways are named that kept their tags because there would be too many. */
const MOST_NAMED = 20;
const tags = { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 50 } as const;

/** Acts on all gateways that a filter matches, however many, and on many chosen ones. */
export const MANY_GATEWAYS_PROCEDURES = {
  /**
   * Adds and removes tags of all gateways that match. It works for some seconds; `next` is where the next call goes on, null if all are done.
   * The first call confirms by the number of gateways, so that nobody changes others than were shown.
   */
  'gateways.tagMatching': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: {
      type: 'object',
      properties: {
        filter: DEVICE_FILTER,
        add: tags,
        remove: tags,
        confirm: { type: 'string' },
        cursor: CURSOR,
      },
      required: ['filter', 'confirm'],
      additionalProperties: false,
    },
    async handler(manager, { filter, add = [], remove = [], confirm, cursor }) {
      if (cursor === undefined) await refuseUnlessCounted(manager, filter, confirm);
      return await tagMatching(manager, filter, { add, remove }, cursor);
    },
    audit: ({ filter, add = [], remove = [], confirm, cursor }) => ({
      action: 'gateway.change',
      detail: {
        filter: hasCondition(filter) ? filterTold(filter) : { all: true },
        ...(add.length > 0 && { addTags: add }),
        ...(remove.length > 0 && { removeTags: remove }),
        gateways: Number(confirm),
        ...(cursor !== undefined && { continued: true }),
      },
    }),
    auditDone: ({ changed }) => ({ detail: { changed } }),
  }),

  /** Requests the device profile from each of these gateways. */
  'gateways.refreshMany': defineProcedure({
    role: 'operator',
    isCostly: true,
    input: {
      type: 'object',
      properties: { clientids: { ...clientids, maxItems: 100 } },
      required: ['clientids'],
      additionalProperties: false,
    },
    handler: (manager, { clientids }) =>
      eachGateway(clientids, (clientid) => manager.refreshProfile(clientid)),
    audit: ({ clientids }) => ({ action: 'gateway.refresh', ...subject(clientids) }),
  }),
} as const;

/** Throws CONFLICT unless exactly so many gateways match now. */
async function refuseUnlessCounted(
  { registry }: DeviceManager,
  filter: DeviceFilter,
  confirm: string,
): Promise<void> {
  const { total } = await registry.counts(filter);
  if (confirm === String(total)) return;
  throw new TpeError('CONFLICT', callReason('matching-changed', { confirmation: String(total) }));
}

interface Turn {
  changed: number;
  /** How many gateways were looked at. */
  done: number;
  full: string[];
  next: string | null;
}

async function tagMatching(
  { registry }: DeviceManager,
  filter: DeviceFilter,
  change: { add: readonly string[]; remove: readonly string[] },
  cursor: string | undefined,
): Promise<Turn> {
  const begun = performance.now();
  const turn: Turn = { changed: 0, done: 0, full: [], next: cursor ?? null };
  const size = createPieceSize(PIECES);
  do {
    const limit = size.now();
    // In the order of client ids, which no tag changes: one that no longer matches is behind the cursor.
    const query = {
      ...filter,
      sort: 'clientid' as const,
      limit,
      ...(turn.next !== null && { cursor: turn.next }),
    };
    const { devices, next } = await registry.list(query);
    const ids = devices.map(({ clientid }) => clientid);
    const report = await size.timed(limit, () => registry.tagMany(ids, change));
    turn.changed += report.changed;
    turn.done += devices.length;
    turn.full = [...turn.full, ...report.full].slice(0, MOST_NAMED);
    turn.next = next;
  } while (turn.next !== null && performance.now() - begun < TURN_MS);
  return turn;
}
