import { defineReasons } from '../../shared/reason.js';

/** Why a repository of software cannot be used. */
export const repositoryReason = defineReasons({
  'repository-not-usable': 'The software repository {place} cannot be used: {fault}.',
  'repository-too-slow': 'no answer within {seconds} s',
  'repository-redirects': 'it answered with a redirect: give the URL that it leads to',
  'repository-refuses': 'it answered {status}: is the client certificate right?',
  'repository-status': 'it answered with status {status}',
  'repository-html': 'it answered with a page of HTML, not with JSON',
  'repository-answer': 'its answer: {fault}',
  'repository-answer-too-large': 'its answer is larger than {size} MB',
  'repository-overloaded': 'it says that it is overloaded or down',
  'repository-tls': 'TLS failed ({words}): does it want another client certificate?',
  'repository-certificate-expired': 'its certificate has expired',
  'repository-certificate-too-new': 'its certificate is not valid yet: is the clock of this machine right?',
  'repository-certificate-self-signed': 'its certificate is self-signed: give its CA file',
  'repository-certificate-unknown':
    'its certificate is of an authority that is not known here: give its CA file',
  'repository-certificate-of-other': 'its certificate is for another name',
  'repository-no-list': 'it has no list "data" of packages',
  'repository-file-not-readable': 'The software repository {file} cannot be read: {fault}.',
  'repository-file-too-large': 'it is larger than {size} MB',
  'repository-url':
    'The URL of the software repository must look like https://repository.example.com/api/v1/ or https://host/packages.json.',
  'repository-key-file-not-readable': 'The {what} of the software repository: {fault}.',
  'repository-client-certificate': 'client certificate',
  'repository-client-key': 'client key',
  'repository-ca-file': 'CA file',
});
