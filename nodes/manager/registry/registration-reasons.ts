import { defineReasons } from '../shared/reason.js';

/** Why a gateway cannot be registered, found or changed. */
export const registrationReason = defineReasons({
  'client-id-registered': 'The client id "{clientid}" is registered already.',
  'client-id-has-credential':
    'The client id "{clientid}" has an active credential in the table mqtt_user, but is no registered gateway: remove or disable that row, or take another client id.',
  'client-id-not-registered': 'There is no gateway with the client id "{clientid}".',
  'gateway-has-no-credential':
    'The gateway "{clientid}" has no credential that could be enabled: rotate its password to create one.',
  'too-many-rotated':
    'These are {count} gateways, but passwords of at most {most} can be rotated at once: split the request.',
});
