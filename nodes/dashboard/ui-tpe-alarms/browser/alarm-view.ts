import { ALARM_KIND_NAMES, type AlarmKindName, type Severity } from '../../../manager/alarms/alarm-kinds.js';
import { type AddressParts, choice, named, texts } from '../../client/composables/address-view.js';
import { SEVERITIES } from '../../client/composables/alarm-kinds.js';

/** Which alarms the list shows. Blank is no condition. */
export interface AlarmView {
  severity: Severity | '';
  kind: AlarmKindName | '';
  /** The cursors of the pages up to the current one, empty for the first. */
  cursors: string[];
}

/** How it stands in the address of the page. */
export const ALARM_VIEW: AddressParts<AlarmView> = {
  severity: choice(Object.keys(SEVERITIES) as Severity[], ''),
  kind: choice(ALARM_KIND_NAMES, ''),
  cursors: named('after', texts()),
};
