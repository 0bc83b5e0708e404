import { defineReasons } from '../../shared/reason.js';

/** Why an installation ended as it did or was not begun, and what goes on in its steps. */
export const installationReason = defineReasons({
  'installation-not-needed': 'The gateway has it already.',
  'installation-failed': 'The upgrade failed on the gateway: {detail}',
  'installation-canceled-by': 'Canceled by {who}.',
  'installation-canceled-on-gateway': 'Canceled on the gateway.',
  'installation-command-canceled': 'The command for it was canceled: {reason}',
  'installation-gateway-retired': 'The gateway was retired.',
  'installation-internal-error': 'Internal error of the device manager: {fault}',
  'installation-out-of-time': 'The {seconds} s for a package were over in the step "{step}".',
  'installation-out-of-time-job':
    'The {seconds} s for a package were over in the step "{step}". The upgrade may still run on the gateway: look at it there (job {job}).',
  'installation-silent':
    'The gateway is connected, but has not told of the upgrade (job {job}) for {seconds} s.',

  // Before it begins.
  'installation-beside': 'Another installation is under way on this gateway.',
  'installation-beside-id': 'Another installation is under way on this gateway ({id}).',
  'installation-url-refused': 'Packages are not loaded from "{url}": {fault}.',
  'installation-url-forbidden': 'Packages are not loaded from this URL: {fault}.',
  'installation-gateway-not-connected': 'The gateway is not connected.',
  'installation-gateway-unknown': 'There is no gateway with the client id "{clientid}": register it first.',
  'installation-unknown': 'There is no installation "{id}".',
  'installation-ended': 'The installation {id} has ended: it is {state}.',

  // The precheck.
  'installation-no-answer': 'The gateway does not answer {path}: {reason}.',
  'installation-profile-untold': 'The gateway does not say what it is.',
  'installation-version-untold': 'The gateway does not say its version ({category}).',
  'installation-has-version': 'the gateway has {version}',
  'installation-needs-firmware':
    'The package "{package}" needs firmware {version} or newer, the gateway has {firmware}.',
  'installation-needs-firmware-untold':
    'The package "{package}" needs firmware {version} or newer, the gateway does not say its own.',
  'installation-disk-full': `There is not enough room on the gateway's disk "{disk}": {free} are free, the package needs {needed}.`,
  'installation-disk-missing': `The gateway's disk for upgrades "{disk}" is not there.`,
  'installation-cellular':
    'The gateway is connected by cellular, over which this installation is not allowed.',
  'installation-cellular-setting':
    'The gateway is connected by cellular, and is set to load no upgrades so (allowOverCellular of /system/upgrade).',
  'installation-no-snapshot':
    'The gateway cannot make a snapshot: install without one, or let it do as it is set.',
  'installation-upgrades-untold': 'The gateway does not tell its upgrades: {words}',
  'installation-other-upgrade': 'Another upgrade runs on the gateway (job {job}).',
  'installation-gateway-offline': 'the gateway is offline',
  'installation-answer-status': 'status {status}',
  'installation-answer-unclear': 'the answer cannot be understood',

  // The upgrade on the gateway.
  'installation-not-taken': 'The gateway did not take the upgrade: {reason}',
  'installation-not-taken-unclear': 'its answer cannot be understood',
  'installation-not-arrived': 'The gateway did not get the upgrade, asked {times} times: {reason}',
  'installation-looking-for-job': 'no answer: looking whether the gateway has it',
  'installation-goes-on': '{who} wants to cancel it, but the gateway goes on: {reason}',
  'installation-cannot-cancel': 'this kind of gateway cannot',
  'installation-job-gone': 'the gateway does not know the upgrade any more',
  'installation-failed-untold': 'the gateway does not say why',
  'installation-job-state': 'state "{state}"',
  'installation-suspended': 'suspended on the gateway',
  'installation-makes-snapshot': 'makes a snapshot',
  'installation-part': 'installs {name}',
  'installation-loaded': '{done} of {size} MB',

  // The restart, and the proof.
  'installation-restart-not-needed': 'the gateway did not restart, and has the version all the same',
  'installation-restart-refused': 'the gateway does not restart: {reason}',
  'installation-no-restart': 'The upgrade is installed, but the gateway does not restart.',
  'installation-firmware': 'firmware',
  'installation-new-version-untold': 'The gateway does not say which {layer} it has now.',
  'installation-new-version-untold-words':
    'The gateway does not say which {layer} it has now. The gateway says: {words}',
  'installation-rolled-back':
    'The gateway has restarted and still has {layer} {installed}, not {version}: the upgrade was rolled back.',
  'installation-rolled-back-words':
    'The gateway has restarted and still has {layer} {installed}, not {version}: the upgrade was rolled back. The gateway says: {words}',
  'installation-other-version': 'The gateway has {layer} {installed} now, not {version}.',
  'installation-other-version-words':
    'The gateway has {layer} {installed} now, not {version}. The gateway says: {words}',
});
