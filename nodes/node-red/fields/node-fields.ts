import { Cron } from 'croner';
import { checkPath } from '../../manager/catalogue/validation/request-path.js';
import { CHECKS, WHEN_GUARDED, WHEN_OFFLINE } from '../../manager/commands/command.js';
import { INSTALL_BOUNDS_MS, QUEUE_BOUNDS_MS, TIMEOUT_BOUNDS_MS } from '../../manager/commands/time-bounds.js';
import { checkClientId, isClientId } from '../../manager/protocol/client-id.js';
import { isTopicFilter } from '../../manager/protocol/topics.js';
import { parseQuery } from '../../manager/registry/device-query.js';
import { parseChange } from '../../manager/registry/device-schemas.js';
import { parseReadTargets, parseTargets } from '../../manager/registry/targets.js';
import { MAX_WAIT_S } from '../../manager/shared/given-values.js';
import { checkPackages } from '../../manager/updates/install/check-request.js';
import { ALARM_FIELDS } from './alarm-fields.js';
import { jsonThat, oneOf, readBy, secondsFrom, textIn, typedFields, wholeNumber } from './checks.js';
import {
  COMMAND_ACTIONS,
  FILE_FORMATS,
  INSTALL_ACTIONS,
  INSTALL_PROGRESS,
  MAX_AT_ONCE,
  MAX_LATENCY_MS,
  MAX_NAME_START_LENGTH,
  MAX_OFFLINE_S,
  MAX_TELEMETRY_PAUSE_S,
  MAX_VIRTUAL_GATEWAYS,
  METHODS,
  OUTPUT_KINDS,
  OUTPUT_STATES,
  OUTPUT_UNSOLICITED,
  REGISTER_ACTIONS,
  SCAN_ACTIONS,
  SIMULATOR_FAULTS,
  STATUS_ACTIONS,
  STATUS_CHANGES,
  WHEN_NONE,
  YES_OR_NO,
} from './choices.js';
import {
  type Field,
  type FieldCheck,
  type FieldFault,
  type Fields,
  type FieldValues,
  fault,
  shown,
} from './field.js';
import { JOB_FIELDS } from './job-fields.js';
import { paramsFault } from './params-fault.js';
import { checkBody } from './request-body.js';

/** Whether the node does one of these actions, or leaves the action to the message. */
function whenAction(...actions: string[]): (node: FieldValues) => boolean {
  return (node) => {
    const action = textIn(node, 'action');
    return action === '' || actions.includes(action);
  };
}

/** Whether the text can be the part of a virtual gateway's client id before the number. */
function isNameBegin(text: string): boolean {
  return text.length <= MAX_NAME_START_LENGTH && isClientId(`${text}-0001`);
}

const NAME: Field = { label: ['name', 'Name'] };
const SERVER: Field = { label: ['server', 'Server'] };
const clientid = readBy((text) => checkClientId(text));
const seconds = ({ least, most }: { least: number; most: number }) => secondsFrom(least / 1000, most / 1000);

/** Checks how long a node waits: `true` to the end, `false` not at all, or a number of seconds. */
const waitCheck: FieldCheck = (text, node, around) =>
  (YES_OR_NO as readonly string[]).includes(text) ? null : secondsFrom(0, MAX_WAIT_S)(text, node, around);

const sends = whenAction('send');
const byPath = (node: FieldValues) => sends(node) && textIn(node, 'operation') === '';

const COMMAND: Fields = {
  name: NAME,
  server: SERVER,
  action: { label: ['action', 'Action'], check: oneOf(COMMAND_ACTIONS) },
  ...typedFields(
    'clientid',
    { str: clientid, json: jsonThat((value) => parseTargets(value, 'clientid')) },
    { label: ['clientid', 'Client id'], when: sends },
  ),
  operation: { label: ['operation', 'Operation'] },
  params: { label: ['by', 'Command'], when: (node) => sends(node) && !byPath(node), blank: paramsFault },
  method: { label: ['method', 'Method'], when: byPath, check: oneOf(METHODS) },
  ...typedFields(
    'path',
    { str: readBy((text) => checkPath(text)) },
    { label: ['path', 'Path'], when: byPath },
  ),
  ...typedFields(
    'requestBody',
    { json: jsonThat(checkBody) },
    { label: ['requestBody', 'Body'], when: sends },
  ),
  check: { label: ['check', 'Validation'], when: sends, check: oneOf(CHECKS) },
  ...typedFields(
    'timeout',
    { num: seconds(TIMEOUT_BOUNDS_MS) },
    { label: ['timeout', 'Timeout'], when: sends },
  ),
  whenOffline: { label: ['whenOffline', 'When offline'], when: sends, check: oneOf(WHEN_OFFLINE) },
  whenGuarded: { label: ['whenGuarded', 'When guarded'], when: sends, check: oneOf(WHEN_GUARDED) },
  ...typedFields(
    'queueFor',
    { num: seconds(QUEUE_BOUNDS_MS) },
    {
      label: ['queueFor', 'Queue for'],
      when: (node) =>
        sends(node) && (textIn(node, 'whenOffline') !== 'fail' || textIn(node, 'whenGuarded') !== 'fail'),
    },
  ),
  wait: { label: ['wait', 'Wait'], when: whenAction('send', 'get'), check: waitCheck },
  untilWell: { label: ['untilWell', 'Until well'], when: sends, check: oneOf(YES_OR_NO) },
  whenNone: { label: ['whenNone', 'If none match'], when: sends, check: oneOf(WHEN_NONE) },
  ...typedFields(
    'atOnce',
    { num: wholeNumber(1, MAX_AT_ONCE) },
    { label: ['atOnce', 'At most at once'], when: sends },
  ),
  ...typedFields(
    'requestId',
    { str: null },
    { label: ['requestId', 'Request id'], when: whenAction('get', 'cancel') },
  ),
  ...typedFields(
    'categoryid',
    { num: wholeNumber(0, 2_147_483_647) },
    { label: ['categoryid', 'Category'], when: whenAction('operations') },
  ),
};

/** How the actions of tpe-register read the field `data`. */
const REGISTER_DATA: Record<string, (value: unknown) => unknown> = {
  list: parseQuery,
  export: (value) => parseReadTargets(value, 'payload'),
  update: parseChange,
};

const REGISTER: Fields = {
  name: NAME,
  server: SERVER,
  action: { label: ['action', 'Action'], check: oneOf(REGISTER_ACTIONS) },
  ...typedFields(
    'clientid',
    { str: clientid },
    {
      label: ['clientid', 'Client id'],
      when: whenAction('register', 'get', 'update', 'rotate', 'retire', 'refresh'),
    },
  ),
  ...typedFields(
    'data',
    { json: jsonThat((value, node) => REGISTER_DATA[textIn(node, 'action')]?.(value)) },
    { label: ['data', 'Data'] },
  ),
  format: { label: ['format', 'Format'], when: whenAction('import', 'export'), check: oneOf(FILE_FORMATS) },
};

const ofAnswers = (node: FieldValues) => textIn(node, 'kind') !== 'telemetry';

const OUTPUT: Fields = {
  name: NAME,
  server: SERVER,
  clientid: { label: ['clientid', 'Client id'] },
  kind: { label: ['kind', 'Output'], check: oneOf(OUTPUT_KINDS) },
  path: { label: ['path', 'Path'], when: ofAnswers },
  state: { label: ['state', 'State'], when: ofAnswers, check: oneOf(OUTPUT_STATES) },
  unsolicited: { label: ['unsolicited', 'Requested by'], when: ofAnswers, check: oneOf(OUTPUT_UNSOLICITED) },
  topic: {
    label: ['topic', 'Topic'],
    when: (node) => textIn(node, 'kind') !== 'answer',
    check: (text) =>
      isTopicFilter(text) && !text.startsWith('$') ? null : fault('topicFilter', { value: shown(text) }),
  },
};

const STATUS: Fields = {
  name: NAME,
  server: SERVER,
  changes: { label: ['changes', 'Send'], check: oneOf(STATUS_CHANGES) },
  ...typedFields(
    'offlineFor',
    { num: secondsFrom(1, MAX_OFFLINE_S) },
    {
      label: ['offlineFor', 'Offline for'],
      when: (node) => textIn(node, 'changes') === 'offline' || whenAction('offline')(node),
    },
  ),
  filter: { label: ['filter', 'Client id'] },
  action: { label: ['action', 'Query'], check: oneOf(STATUS_ACTIONS) },
};

/** Throws if the text is not a cron expression, or if it has no next run. */
function readSchedule(text: string): void {
  const job = new Cron(text, { paused: true });
  const next = job.nextRun();
  job.stop();
  if (next === null) throw new RangeError('it never comes');
}

function scheduleFault(text: string): FieldFault | null {
  try {
    readSchedule(text);
    return null;
  } catch {
    return fault('schedule', { value: shown(text) });
  }
}

const SCAN: Fields = {
  name: NAME,
  server: SERVER,
  action: { label: ['action', 'Action'], check: oneOf(SCAN_ACTIONS) },
  ...typedFields(
    'filter',
    { json: jsonThat((value) => parseReadTargets(value, 'filter')) },
    { label: ['filter', 'Gateways'], when: whenAction('scan') },
  ),
  schedule: { label: ['schedule', 'Schedule'], when: whenAction('scan'), check: scheduleFault },
};

const installs = whenAction('install');

const INSTALL: Fields = {
  name: NAME,
  server: SERVER,
  action: { label: ['action', 'Action'], check: oneOf(INSTALL_ACTIONS) },
  ...typedFields('clientid', { str: clientid }, { label: ['clientid', 'Client id'], when: installs }),
  ...typedFields(
    'packages',
    { json: jsonThat((value) => checkPackages(Array.isArray(value) ? value : [value])) },
    { label: ['packages', 'Packages'], when: installs },
  ),
  snapshot: { label: ['snapshot', 'Snapshot'], when: installs, check: oneOf(YES_OR_NO) },
  allowCellular: { label: ['allowCellular', 'Over cellular'], when: installs, check: oneOf(YES_OR_NO) },
  ...typedFields(
    'timeout',
    { num: seconds(INSTALL_BOUNDS_MS) },
    { label: ['timeout', 'Timeout'], when: installs },
  ),
  ...typedFields(
    'installation',
    { str: null },
    { label: ['installation', 'Installation'], when: whenAction('get', 'cancel') },
  ),
  wait: { label: ['wait', 'Wait'], when: whenAction('install', 'get'), check: waitCheck },
  progress: { label: ['progress', 'Progress of'], check: oneOf(INSTALL_PROGRESS) },
};

const SIMULATOR: Fields = {
  name: NAME,
  server: SERVER,
  count: { label: ['count', 'Gateways'], check: wholeNumber(0, MAX_VIRTUAL_GATEWAYS) },
  names: {
    label: ['names', 'Names'],
    check: (text) => (isNameBegin(text) ? null : fault('names', { value: shown(text) })),
  },
  latencyFrom: { label: ['latency', 'Answer after'], check: wholeNumber(0, MAX_LATENCY_MS) },
  latencyTo: { label: ['latency', 'Answer after'], check: wholeNumber(0, MAX_LATENCY_MS) },
  whenNone: { label: ['whenNone', 'If none match'], check: oneOf(WHEN_NONE) },
  fault: { label: ['fault', 'Fault'], check: oneOf(SIMULATOR_FAULTS) },
  faulty: {
    label: ['faulty', 'Affected'],
    when: (node) => textIn(node, 'fault') !== '',
    check: wholeNumber(0, MAX_VIRTUAL_GATEWAYS),
  },
  telemetryEvery: { label: ['telemetry', 'Telemetry'], check: secondsFrom(1, MAX_TELEMETRY_PAUSE_S) },
  telemetryTopic: {
    label: ['topic', 'Topic'],
    when: (node) => textIn(node, 'telemetryEvery') !== '',
    check: (text) =>
      /^[^+#]*\{clientid\}[^+#]*$/.test(text) ? null : fault('ownTopic', { value: shown(text) }),
  },
};

/** The fields of all nodes except tpe-server. */
export const NODE_FIELDS: Readonly<Record<string, Fields>> = {
  'tpe-command': COMMAND,
  'tpe-register': REGISTER,
  'tpe-output': OUTPUT,
  'tpe-status': STATUS,
  'tpe-update-scan': SCAN,
  'tpe-update-install': INSTALL,
  'tpe-job': JOB_FIELDS,
  'tpe-alarm': ALARM_FIELDS,
  'tpe-simulator': SIMULATOR,
};
