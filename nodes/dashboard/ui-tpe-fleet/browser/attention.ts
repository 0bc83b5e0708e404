import type { Line } from '../../../api/alarm-lines.js';
import type { Alarm } from '../../../manager/alarms/alarm.js';
import type { DeviceFilter } from '../../../manager/registry/device-filter.js';
import { queryOfFilter } from '../../client/composables/filter-in-address.js';
import type { PageQuery } from '../../client/composables/use-pages.js';

/** What the one button of a line does: it leads to a page, or acts on the alarm or its gateway. */
export type LineAction =
  | { does: 'open'; page: string; query: PageQuery }
  | { does: 'acknowledge'; ids: string[] }
  | { does: 'install'; clientid: string }
  | { does: 'scan'; clientid: string };

/** One that acts. The page that the others lead to is a link. */
export type LineAct = Exclude<LineAction, { does: 'open' }>;

/** What is most likely to help with a line. Who may not act is led to where it can be seen. */
export function actionOf(line: Line, mayOperate: boolean): LineAction {
  const [alarm, ...others] = line.alarms;
  const { kind, clientid, state } = alarm;
  if (others.length > 0) return open('ui-tpe-alarms', { kind });
  if (kind === 'job-failed' || kind === 'job-paused') return open('ui-tpe-jobs', { job: alarm.key });
  if (clientid === null) return ofMany(alarm, mayOperate);
  if (mayOperate && kind === 'installation-failed') return { does: 'install', clientid };
  if (mayOperate && kind === 'update-available') return { does: 'scan', clientid };
  if (mayOperate && kind === 'own' && state === 'active') return { does: 'acknowledge', ids: [alarm.id] };
  return open('ui-tpe-gateway', { clientid });
}

/** For what is not of one gateway. */
function ofMany({ id, kind, site, gateways, state }: Alarm, mayOperate: boolean): LineAction {
  if (gateways > 0 && kind === 'offline') return table({ status: 'offline', ...(site !== null && { site }) });
  if (gateways > 0 && kind === 'never-seen') return table({ status: 'never_seen' });
  if (kind === 'update-available' || kind === 'installation-failed') return open('ui-tpe-updates', {});
  if (mayOperate && state === 'active') return { does: 'acknowledge', ids: [id] };
  return open('ui-tpe-alarms', { kind });
}

function table(filter: DeviceFilter): LineAction {
  return open('ui-tpe-gateways', queryOfFilter(filter));
}

function open(page: string, query: PageQuery): LineAction {
  return { does: 'open', page, query };
}
