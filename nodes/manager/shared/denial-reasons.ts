import { defineReasons } from './reason.js';

/** Why somebody may not do something, or not now, whatever it is. */
export const denialReason = defineReasons({
  'manager-closing': 'The device manager is closing.',
  'role-missing': 'This needs the role {needed}; yours is {role}.',
  'too-many-costly-requests': 'Too many of these requests at once: wait until the current ones end.',
  'too-many-calls-waiting': '{count} calls are waiting already; try again in a moment.',
  'waited-behind-other-calls': 'it waited too long behind other calls; try again in a moment.',
});
