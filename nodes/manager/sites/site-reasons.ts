import { defineReasons } from '../shared/reason.js';

/** Why nothing may be begun on a site, and what is wrong with what was given of one. */
export const siteReason = defineReasons({
  'site-waits-window': 'The window of the site "{site}" opens at {opens} ({there} there).',
  'site-waits-window-short':
    'It takes {minutes} minutes, which no longer fit into the window of the site "{site}"; the next one opens at {opens} ({there} there).',
  'site-no-window-fits':
    'It takes {minutes} minutes, and no window of the site "{site}" is open for as long.',
  'site-never-opens': 'No window of the site "{site}" opens within {days} days.',
  'site-frozen': 'Nothing is begun on the site "{site}" until {opens} ({there} there): {reason}',
  'site-not-set': 'Nothing was set for the site "{site}".',
  'site-zone-unknown':
    'There is no time zone "{zone}". Name one of the IANA database, such as Europe/Berlin.',
  'site-cron-wrong': 'The cron expression "{cron}" cannot be read: {reason}',
  'site-cron-never': 'The cron expression "{cron}" never comes true.',
  'site-no-such-day': 'There is no day {date}.',
  'site-freeze-backwards': 'The freeze ends ({to}) before it begins ({from}).',
});
