import type { RefusalReason } from './events.js';

/** What each reason for a refusal means, for a person. */
export const REFUSAL_WORDS: Record<RefusalReason, string> = {
  unknown: 'no gateway has this client id',
  wrong_username: 'another username belongs to this client id',
  wrong_password: 'wrong password',
  disabled: 'the gateway is disabled',
  no_credentials: 'username and password are needed',
  bad_clientid: 'no gateway can have this client id',
  slowed_down: 'too many failed logins, slowed down',
  too_many: 'too many clients are connected already',
  unavailable: 'the registry cannot be asked',
  not_authorized: 'the broker refuses it: wrong username or password, or disabled',
};
