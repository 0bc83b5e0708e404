import { defineReasons } from '../manager/shared/reason.js';

/** Why a call of a person or program is refused before the manager does anything. */
export const callReason = defineReasons({
  'sign-in-required': 'Sign-in required: access is set in the node tpe-server.',
  'confirm-with': 'Confirm it with "{confirmation}".',
  'matching-changed':
    'Meanwhile other gateways match: {confirmation}. Look at them, and confirm it with this number.',
  'confirm-role-change':
    'This changes the role of "{user}" from {from} to {to}: confirm it with "{confirmation}".',
  'no-own-password': 'This dashboard has no sign-in, so there is no password to change.',
  'own-role': 'You cannot change your own role: ask another administrator.',
  'remove-yourself': 'You cannot remove yourself: ask another administrator.',
  'views-of-nobody': 'Views belong to people: sign in as one, to have some.',
  'tokens-of-nobody': 'Tokens belong to people: sign in as one, to have some.',
  'token-outlives-maker': 'A token creates none that ends later than itself: sign in at the dashboard.',
  'no-newer-software': 'No newer software found for this gateway: scan again.',
  'stop-needs-person':
    'Only a person lifts a stop: sign in at the dashboard as an administrator, or take a personal token of one.',
  'gateway-changed-meanwhile':
    'Nothing was saved: {who} has changed this gateway since you opened it ({at}). Compare, and save again.',
  'gateway-retired-meanwhile': 'The gateway is no longer registered.',
  'session-not-ended': 'The gateway is disabled, but its session could not be ended: {why}',
  'installation-of-job':
    'The installation {id} belongs to the job {job}: have the job try the gateway again.',
  'installation-not-failed': 'The installation {id} has not failed, so there is nothing to try again.',
  'operation-unknown': 'The catalogue has no operation "{operation}".',
  'operation-not-reading': 'The operation "{operation}" does more than read.',
  'not-read': 'The gateway has not answered in time.',
});
