import { defineReasons } from '../../shared/reason.js';

/** Why a job does nothing on a gateway. None contains a value that was filled in, which may be a secret. */
export const refusalReason = defineReasons({
  'job-gateway-unknown': 'It is not registered.',
  'job-gateway-disabled': 'It is disabled.',
  'job-operation-gone': 'The catalogue no longer has the operation "{operation}".',
  'job-value-missing': 'It has no value for {placeholder}.',
  'job-value-no-number': 'Its value for {placeholder} is no number.',
  'job-value-no-boolean': 'Its value for {placeholder} is neither true nor false.',
  'job-value-no-json': 'Its value for {placeholder} cannot be read as JSON.',
  'job-value-no-text': 'Its value for {placeholder} is a list or an object, which only {typed} puts in.',
  'job-value-with-slash': 'Its value for {placeholder} has a "/" or "\\", which would change the path.',
  'job-value-with-secret':
    'Its value for {placeholder} names a secret, which only the definition of the job may do.',
  'job-request-unfit': 'The request does not fit it: {fault}',
  'job-risk-higher': 'With its values, the request has a higher risk than the job was confirmed for.',
  'job-left-out-otherwise': 'There are further reasons.',
});
