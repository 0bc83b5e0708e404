import { defineReasons } from '../shared/reason.js';

/** What to do about a gateway first, where alarms do not say it. */
export const timelineReason = defineReasons({
  'gateway-restarting': 'It was restarted at {time}: wait until it is back, which takes some minutes.',
  'gateway-not-back':
    'It was restarted at {time}, and has not come back: look at its power, then at its network link.',
});
