import { defineReasons } from '../shared/reason.js';

/** Why a value cannot be the client id of a gateway. */
export const clientIdReason = defineReasons({
  'client-id-no-text': 'The client id {clientid} must be a text.',
  'client-id-length': 'The client id "{clientid}" has {length} characters, but must have {least} to {most}.',
  'client-id-special-character':
    'The client id "{clientid}" must not have "{special}" in it: that has a meaning in MQTT topics.',
  'client-id-control-characters': 'The client id "{clientid}" must not have control characters in it.',
  'client-id-way-up':
    'The client id "{clientid}" is the way up in a URL, so that no address of it would reach it: give another one.',
  'client-id-byte-order-mark':
    'The client id "{clientid}" must not begin with an invisible byte order mark (U+FEFF).',
  'client-id-no-unicode':
    'The client id "{clientid}" is no valid Unicode text: half of a surrogate pair stands alone.',
  'client-id-dollar': 'The client id "{clientid}" must not begin with "$": MQTT keeps that for the broker.',
});
