import { defineReasons } from '../../shared/reason.js';

/** Why a job does nothing on a gateway, or cannot be for so many. None contains a value that was filled in, which may be a secret. */
export const refusalReason = defineReasons({
  'unfit-unregistered': 'It is not registered.',
  'unfit-disabled': 'It is disabled.',
  'unfit-operation-gone': 'The catalogue no longer has the operation "{operation}".',
  'unfit-value-missing': 'It has no value for {placeholder}.',
  'unfit-value-no-number': 'Its value for {placeholder} is no number.',
  'unfit-value-no-boolean': 'Its value for {placeholder} is neither true nor false.',
  'unfit-value-no-json': 'Its value for {placeholder} cannot be read as JSON.',
  'unfit-value-no-text': 'Its value for {placeholder} is a list or an object, which only {typed} puts in.',
  'unfit-value-with-slash': 'Its value for {placeholder} has a "/" or "\\", which would change the path.',
  'unfit-value-with-secret':
    'Its value for {placeholder} names a secret, which only the definition of the job may do.',
  'job-unfit': '"{field}" does not fit the catalogue: {faults}.',
  'unfit-request': 'The request does not fit it: {fault}',
  'unfit-risk-higher': 'With its values, the request has a higher risk than the job was confirmed for.',
  'job-for-too-many':
    'The job is for more than {most} gateways: make several of it, each with a filter of its own.',
  'job-fills-too-much':
    'What this job fills in for each gateway is so large that it can be for {most} gateways at most: make several of it, each with a filter of its own.',
  'unfit-otherwise': 'There are further reasons.',
});
