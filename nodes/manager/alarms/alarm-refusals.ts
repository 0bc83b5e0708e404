import { defineReasons } from '../shared/reason.js';

/** Why alarms and rules cannot be changed. */
export const alarmRefusal = defineReasons({
  'alarm-unknown': 'There is no alarm "{id}".',
  'alarm-cleared': 'The alarm {id} is cleared already.',
  'alarms-too-many': '{count} alarms of flows are open, which is the most: clear some.',
  'alarm-rule-unknown': 'There is no rule "{id}".',
  'alarm-rule-built-in': 'The rule "{id}" came with the pack, and cannot be removed: turn it off.',
  'alarm-rules-too-many': 'There are {count} rules, which is the most: remove one.',
  'alarm-rule-other-kind': 'The rule "{id}" is of the kind {kind}, which stays: give another id.',
});
