import { defineReasons } from '../shared/reason.js';

/** Why the guard lets nobody pass, and why stops and slots cannot be changed. */
export const guardReason = defineReasons({
  'guard-set-held': '{clientid} of the redundancy set {set} is being changed or is restarting ({owner}).',
  'guard-set-settling': '{clientid} of the redundancy set {set} is not well again yet ({owner}).',
  'guard-set-stuck':
    '{clientid} of the redundancy set {set} has not become well again ({owner}): look at it, and then release its slot.',
  'guard-partner-offline':
    'Its partner {clientid} of the redundancy set {set} has been offline since {since}.',
  'guard-partner-never-seen': 'Its partner {clientid} of the redundancy set {set} was never connected.',
  'guard-site-full':
    'At the site {site}, {count} gateways are being changed or are restarting, of {max} at most; one is {clientid} ({owner}).',
  'guard-model-full':
    'Of the model {model}, {count} gateways are being changed or are restarting, of {max} at most; one is {clientid} ({owner}).',
  'guard-fleet-full':
    '{count} gateways are being changed or are restarting, of {max} at most; one is {clientid} ({owner}).',
  'guard-owner-command': 'command {id}',
  'guard-owner-installation': 'installation {id}',
  'guard-owner-execution': 'job {id}',
  'guard-owner-flow': 'flow {id}',
  'stopped-fleet': '{by} has stopped all gateways: nothing is sent that changes one until that is lifted.',
  'stopped-site':
    '{by} has stopped the site {value}: nothing is sent that changes one of its gateways until that is lifted.',
  'stopped-model':
    '{by} has stopped the model {value}: nothing is sent that changes such a gateway until that is lifted.',
  'stopped-job': '{by} has stopped the job {value}: it sends nothing more until that is lifted.',
  'stop-unknown': 'There is no stop "{id}".',
  'stop-lifted': 'The stop {id} was lifted already by {by}.',
  'slot-unknown': 'The gateway "{clientid}" holds no slot of {owner}.',
});
