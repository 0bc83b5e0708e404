import { defineReasons } from '../shared/reason.js';

/** What to do about a gateway first, where alarms do not say it. */
export const timelineReason = defineReasons({
  'gateway-restarting': 'It restarts since {time}, as {who} asked for: wait until it is back, some minutes.',
  'gateway-not-back':
    'It has not come back after {who} had it restarted: look at its power, then at its network link.',
});
