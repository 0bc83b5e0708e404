import { checkPath } from '../../manager/catalogue/validation/request-path.js';
import { CHECKS } from '../../manager/commands/command.js';
import { INSTALL_BOUNDS_MS } from '../../manager/commands/time-bounds.js';
import { JOB_DEFINITION } from '../../manager/jobs/definition/definition.js';
import { jobTargets } from '../../manager/jobs/definition/given-targets.js';
import { checkClientId } from '../../manager/protocol/client-id.js';
import { parser } from '../../manager/shared/validate.js';
import { checkPackages } from '../../manager/updates/install/check-request.js';
import {
  jsonThat,
  numberFrom,
  oneOf,
  readBy,
  secondsFrom,
  textIn,
  typedFields,
  wholeNumber,
} from './checks.js';
import { JOB_ACTIONS, JOB_DEVICES, JOB_WORKS, METHODS, YES_OR_NO } from './choices.js';
import { type Field, type FieldCheck, type Fields, type FieldValues, fault } from './field.js';
import { paramsFault } from './params-fault.js';
import { checkBody } from './request-body.js';

// The bounds of the fields are those of the definition of a job, which says them once for all doors.

const { properties } = JOB_DEFINITION;
const { rollout, timeouts, retry } = properties;
const parseSteps = parser(properties.do.properties.steps, 'steps');
const parseCondition = parser(properties.verify, 'verify');
const parseValues = parser(properties.perTarget, 'perTarget');

/** The actions for which the node makes a job out of its fields. */
const MAKING: readonly string[] = ['', 'start', 'preview', 'create'];
/** The actions that are about one job. */
const OF_A_JOB = ['submit', 'pause', 'resume', 'cancel', 'retry', 'skip', 'get', 'list', 'waiting'];

const makes = (node: FieldValues) => MAKING.includes(textIn(node, 'action'));
const doing = (work: string) => (node: FieldValues) => makes(node) && workOf(node) === work;
const workOf = (node: FieldValues) => textIn(node, 'work');
const ofAJob = (node: FieldValues) => ['', ...OF_A_JOB].includes(textIn(node, 'action'));
const byOperation = (node: FieldValues) => doing('command')(node) && textIn(node, 'operation') !== '';
const byPath = (node: FieldValues) => doing('command')(node) && textIn(node, 'operation') === '';

const atMost =
  (length: number): FieldCheck =>
  (text) =>
    text.length <= length ? null : fault('reason', { reason: `has more than ${length} characters` });

const whole = (schema: { minimum: number; maximum: number }) => wholeNumber(schema.minimum, schema.maximum);

/** A number of the pace: it counts whenever a job is made. */
const pace = (name: string, label: Field['label'], check: FieldCheck) =>
  typedFields(name, { num: check }, { label, when: makes });

const seconds = secondsFrom(1, INSTALL_BOUNDS_MS.most / 1000);

/** The fields of tpe-job. */
export const JOB_FIELDS: Fields = {
  name: { label: ['name', 'Name'] },
  server: { label: ['server', 'Server'] },
  action: { label: ['action', 'Action'], check: oneOf(JOB_ACTIONS) },
  ...typedFields('job', { str: null }, { label: ['job', 'Job'], when: ofAJob }),
  ...typedFields(
    'targets',
    { str: readBy((text) => checkClientId(text)), json: jsonThat(jobTargets) },
    { label: ['targets', 'Gateways'], when: makes },
  ),
  ...typedFields(
    'perTarget',
    { json: jsonThat(parseValues) },
    { label: ['perTarget', 'Own values'], when: makes },
  ),
  work: { label: ['work', 'What'], when: makes, check: oneOf(JOB_WORKS) },
  operation: { label: ['operation', 'Operation'] },
  params: { label: ['by', 'Command'], when: byOperation, blank: paramsFault },
  method: { label: ['method', 'Method'], when: byPath, check: oneOf(METHODS) },
  ...typedFields(
    'path',
    { str: readBy((text) => checkPath(text)) },
    { label: ['path', 'Path'], when: byPath },
  ),
  ...typedFields(
    'requestBody',
    { json: jsonThat(checkBody) },
    { label: ['requestBody', 'Body'], when: doing('command') },
  ),
  check: { label: ['check', 'Validation'], when: doing('command'), check: oneOf(CHECKS) },
  ...typedFields(
    'verify',
    { json: jsonThat(parseCondition) },
    { label: ['verify', 'Read back'], when: doing('command') },
  ),
  ...typedFields(
    'packages',
    { json: jsonThat((value) => checkPackages(Array.isArray(value) ? value : [value])) },
    { label: ['packages', 'Packages'], when: doing('install') },
  ),
  snapshot: { label: ['snapshot', 'Snapshot'], when: doing('install'), check: oneOf(YES_OR_NO) },
  allowCellular: {
    label: ['allowCellular', 'Over cellular'],
    when: doing('install'),
    check: oneOf(YES_OR_NO),
  },
  ...typedFields(
    'steps',
    { json: jsonThat(parseSteps) },
    { label: ['steps', 'Steps'], when: doing('steps') },
  ),
  ...typedFields(
    'timeout',
    { num: seconds },
    {
      label: ['timeout', 'Timeout'],
      when: (node) => makes(node) && ['command', 'install'].includes(workOf(node)),
    },
  ),
  ...typedFields(
    'jobName',
    { str: atMost(properties.name.maxLength) },
    { label: ['jobName', 'Name of the job'], when: makes },
  ),
  ...typedFields(
    'note',
    { str: atMost(properties.note.maxLength) },
    { label: ['note', 'Note'], when: makes },
  ),
  ...pace(
    'maxPerMinute',
    ['maxPerMinute', 'Per minute'],
    numberFrom(rollout.properties.maxPerMinute.minimum, rollout.properties.maxPerMinute.maximum),
  ),
  ...pace('maxInProgress', ['maxInProgress', 'At once'], whole(rollout.properties.maxInProgress)),
  ...pace('perSite', ['perSite', 'Per site'], whole(rollout.properties.perSite)),
  ...pace('jitterSeconds', ['jitterSeconds', 'Random delay'], whole(rollout.properties.jitterSeconds)),
  ...pace('offlineSeconds', ['offlineSeconds', 'Wait if offline'], whole(timeouts.properties.offlineSeconds)),
  ...pace(
    'inProgressSeconds',
    ['inProgressSeconds', 'Time for one'],
    whole(timeouts.properties.inProgressSeconds),
  ),
  ...pace('retryFailed', ['retryFailed', 'After failure'], whole(retry.properties.failed)),
  ...pace('retryTimedOut', ['retryTimedOut', 'After timeout'], whole(retry.properties.timedOut)),
  ...pace('backoffSeconds', ['backoffSeconds', 'First pause'], whole(retry.properties.backoffSeconds)),
  devices: { label: ['devices', 'Gateways done'], check: oneOf(JOB_DEVICES) },
};
