import { defineReasons } from '../../shared/reason.js';

/** Why a scan takes a package or leaves it out, why it cannot scan a model, and why it did not begin or ended early. */
export const scanReason = defineReasons({
  'package-recommended': 'recommended',
  'package-step': 'step {step} of {steps}',
  'package-newer-recommended': 'a newer one is recommended',
  'package-installed': 'the gateway has {version} already',
  'package-version-untold': 'the gateway has not told its version',
  'package-gateway-version-unreadable': `the gateway's version "{version}" cannot be read`,
  'package-version-unreadable': 'its version "{version}" cannot be read',
  'package-needs-firmware': 'it needs firmware {version} first',
  'package-leads-from': 'it leads from firmware {version} alone',
  'package-in-firmware': 'the firmware brings {version} along',
  'package-url-unusable': 'its URL cannot be used: {fault}',
  'scan-model-untold': 'these gateways have not told their model yet: refresh their profiles',
  'scan-stopped-by': 'stopped by {who}',
  'scan-other-manager': 'another device manager',
  'scan-manager-ended': 'its device manager ended',
  'scan-no-repository':
    'No software repository is configured: give its URL or folder in tpe-server, or set TPE_REPO_URL or TPE_REPO_FOLDER.',
  'scan-other-runs-since': 'Another scan is running since {time}: wait for its end, or stop it.',
  'scan-other-runs': 'Another scan is running: wait for its end, or stop it.',
  'scan-none-runs': 'No scan for updates is running.',
});
