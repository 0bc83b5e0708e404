import { defineReasons } from '../shared/reason.js';

/** Why gateways must not load a package from a URL. */
export const packageUrlReason = defineReasons({
  'package-url-no-text': 'it is no text',
  'package-url-not-https': 'it does not begin with https:',
  'package-url-host-not-allowed':
    'its host {host} is not allowed: add it to the hosts of the software repository (TPE_REPO_HOSTS)',
  'package-url-too-long': 'it has more than {most} characters',
  'package-url-fragment': 'it has a fragment, after "#"',
  'package-url-backslash': 'it has a backslash',
  'package-url-characters':
    'it has blanks, control characters or others that a URL has not: write a host in its "xn--" form, and escape the rest',
  'package-url-none': 'it is no URL',
  'package-url-broken-escape': 'it has a "%" that escapes nothing',
  'package-url-hidden-character': 'it has an escaped control character or backslash',
  'package-url-login': 'it has a login in it',
  'package-url-host-unclear': 'its host is not written plainly',
  'package-url-host-disguised': 'its host is not written plainly: it stands for {host}',
  'package-url-port-unclear': 'its port is not written plainly',
});
