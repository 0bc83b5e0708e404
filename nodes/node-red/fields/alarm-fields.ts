import { LANGUAGES } from '../../api/words/languages.js';
import { ALARM_ACT, OWN_ALARM } from '../../manager/alarms/alarm.js';
import { ALARM_KIND_NAMES, SEVERITIES } from '../../manager/alarms/alarm-rule.js';
import { checkClientId } from '../../manager/protocol/client-id.js';
import { jsonThat, oneOf, readBy, textIn, typedFields, wholeNumber } from './checks.js';
import { ALARM_ACTIONS } from './choices.js';
import { type FieldCheck, type Fields, type FieldValues, fault } from './field.js';

// The bounds of the fields are those of the acts, which say them once for all doors.

const { key, text, advice } = OWN_ALARM.properties;
const [, ASSIGN, SHELVE] = ALARM_ACT.oneOf;

const when =
  (...actions: string[]) =>
  (node: FieldValues) =>
    ['', ...actions].includes(textIn(node, 'action'));

const atMost =
  ({ maxLength }: { maxLength: number }): FieldCheck =>
  (given) =>
    given.length <= maxLength ? null : fault('reason', { reason: `has more than ${maxLength} characters` });

const OF_ALARMS = ['acknowledge', 'assign', 'shelve', 'unshelve'];

/** The fields of tpe-alarm. */
export const ALARM_FIELDS: Fields = {
  name: { label: ['name', 'Name'] },
  server: { label: ['server', 'Server'] },
  least: { label: ['least', 'Severity'], check: oneOf(SEVERITIES) },
  kind: { label: ['kind', 'Kind'], check: oneOf(ALARM_KIND_NAMES) },
  site: { label: ['site', 'Site'] },
  language: { label: ['language', 'Language'], check: oneOf(LANGUAGES) },
  action: { label: ['action', 'Action'], check: oneOf(ALARM_ACTIONS) },
  ...typedFields(
    'alarm',
    { str: null, json: jsonThat() },
    { label: ['alarm', 'Alarm'], when: when(...OF_ALARMS) },
  ),
  ...typedFields('key', { str: atMost(key) }, { label: ['key', 'Key'], when: when('raise', 'clear') }),
  ...typedFields(
    'clientid',
    { str: readBy((given) => checkClientId(given)) },
    { label: ['clientid', 'Client id'], when: when('raise', 'clear') },
  ),
  severity: { label: ['severity', 'Severity of it'], when: when('raise'), check: oneOf(SEVERITIES) },
  ...typedFields('text', { str: atMost(text) }, { label: ['text', 'Text'], when: when('raise') }),
  ...typedFields('advice', { str: atMost(advice) }, { label: ['advice', 'Advice'], when: when('raise') }),
  ...typedFields(
    'to',
    { str: atMost(ASSIGN.properties.to) },
    { label: ['to', 'Assign to'], when: when('assign') },
  ),
  ...typedFields(
    'seconds',
    { num: wholeNumber(SHELVE.properties.seconds.minimum, SHELVE.properties.seconds.maximum) },
    { label: ['seconds', 'Shelve for'], when: when('shelve') },
  ),
  ...typedFields(
    'note',
    { str: atMost(SHELVE.properties.note) },
    { label: ['note', 'Note'], when: when('acknowledge', 'shelve') },
  ),
};
