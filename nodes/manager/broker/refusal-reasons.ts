import { defineReasons, type Reason } from '../shared/reason.js';
import type { RefusalReason } from './events.js';

/** Why a login of a gateway is refused. */
export const loginRefused = defineReasons({
  'gateway-login-unknown-client-id': 'no gateway has this client id',
  'gateway-login-wrong-username': 'another username belongs to this client id',
  'gateway-login-wrong-password': 'wrong password',
  'gateway-login-disabled': 'the gateway is disabled',
  'gateway-login-no-credentials': 'username and password are needed',
  'gateway-login-bad-client-id': 'no gateway can have this client id',
  'gateway-login-slowed-down': 'too many failed logins, slowed down',
  'gateway-login-too-many-clients': 'too many clients are connected already',
  'gateway-login-registry-unavailable': 'the registry cannot be asked',
  'gateway-login-not-authorized': 'the broker refuses it: wrong username or password, or disabled',
});

const CODES = {
  unknown: 'gateway-login-unknown-client-id',
  wrong_username: 'gateway-login-wrong-username',
  wrong_password: 'gateway-login-wrong-password',
  disabled: 'gateway-login-disabled',
  no_credentials: 'gateway-login-no-credentials',
  bad_clientid: 'gateway-login-bad-client-id',
  slowed_down: 'gateway-login-slowed-down',
  too_many: 'gateway-login-too-many-clients',
  unavailable: 'gateway-login-registry-unavailable',
  not_authorized: 'gateway-login-not-authorized',
} as const satisfies Record<RefusalReason, keyof typeof loginRefused.texts>;

/** Says for a person what a reason for a refusal means. */
export function refusalReason(reason: RefusalReason): Reason {
  return loginRefused(CODES[reason]);
}
