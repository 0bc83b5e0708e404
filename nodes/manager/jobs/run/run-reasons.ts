import { defineReasons } from '../../shared/reason.js';

/** Why an attempt of a job on one gateway ended as it did, where neither its commands nor its installations say so. */
export const runReason = defineReasons({
  'run-not-as-wanted': '{path} has {found} at "{pointer}", not {wanted}.',
  'run-nothing-there': '{path} has nothing at "{pointer}".',
  'run-read-refused': '{path} cannot be read: {reason}',
  'run-not-read-back': 'It could not be read back whether it was done: {reason}',
  'run-proved-not-done': 'No answer, and it was not done: {reason}',
  'run-given-up': 'It was given up.',
  'run-no-time-left': 'The time that the job gives a gateway was over before the step "{step}".',
  'run-versions-untold': 'The gateway has not told its versions yet.',
});
