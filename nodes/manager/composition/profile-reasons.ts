import { defineReasons } from '../shared/reason.js';

/** Why the profile of a gateway was not read. */
export const profileReason = defineReasons({
  'profile-not-read': 'The profile of "{clientid}" was not read: {reason}',
});
