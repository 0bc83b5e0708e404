import type { Alarm } from '../../manager/alarms/alarm.js';
import { ALARM_KINDS, type AlarmRule } from '../../manager/alarms/alarm-rule.js';
import { CLIENT_ID } from './examples.js';

export const ALARM_OPEN: Alarm = {
  id: '31',
  rule: 'disk-full',
  kind: 'disk-full',
  severity: 'warning',
  state: 'active',
  clientid: CLIENT_ID,
  key: '',
  site: 'Plant 1',
  text: 'Its disk is full to 93 %.',
  cause: null,
  advice: 'Have its old logs removed.',
  adviceCause: null,
  gateways: 1,
  since: '2025-11-29T22:00:00.000Z',
  raisedAt: '2025-11-29T22:00:05.000Z',
  clearedAt: null,
  clearedBy: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  assignedTo: null,
  shelvedBy: null,
  shelvedUntil: null,
  note: '',
  updatedAt: '2025-11-29T22:00:05.000Z',
};

export const ALARM_OF_FLOW: Alarm = {
  ...ALARM_OPEN,
  ...{ id: '32', rule: 'own', kind: 'own', severity: 'critical', key: 'pump-3', text: 'Pump 3 leaks.' },
  advice: 'Close valve 7.',
};

export const RULE_SET: AlarmRule = {
  ...{ id: 'offline-plant-1', kind: 'offline', name: 'Plant 1', enabled: true },
  ...{ ...ALARM_KINDS.offline.builtIn, severity: 'critical', delaySeconds: 120, repeatSeconds: 3600 },
  ...{ filter: { site: 'Plant 1' }, isBuiltIn: false, setBy: 'REST', setAt: '2025-11-29T22:31:00.000Z' },
};
