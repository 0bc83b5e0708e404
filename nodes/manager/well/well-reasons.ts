import { defineReasons } from '../shared/reason.js';

/** Why a gateway was not well again in time. */
export const wellReason = defineReasons({
  'well-offline': 'The gateway is not online again after {seconds} s.',
  'well-unsteady':
    'The gateway has not kept its connection: within {seconds} s it was interrupted {times} times, and it has not been online for long enough since.',
  'well-unproven': 'The gateway has not been online for long enough within {seconds} s.',
  'well-silent': 'The gateway is online, but does not answer ({seconds} s after the command).',
  'well-apps-untold':
    'The gateway is online, but does not say which applications run ({seconds} s after the command).',
  'well-apps-missing':
    'The gateway is online, but these applications ran before and do not run after {seconds} s: {apps}.',
  'well-retired': 'The gateway was retired.',
});
