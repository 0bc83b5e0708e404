import type { FromSchema } from 'json-schema-to-ts';
import { CHECKS } from '../../commands/command.js';
import { DEVICE_FILTER } from '../../registry/device-filter.js';
import { CLIENT_IDS } from '../../registry/targets.js';

// The only place that says what a job consists of. Every door (node, REST, dashboard, documents) takes these schemas.

/** The most steps of a job. More would be a program, which a flow says better. */
export const MAX_STEPS = 20;
/** The most gateways of a job. */
export const MAX_TARGETS = 100_000;

const seconds = (least: number, most: number, description: string) =>
  ({ type: 'integer', minimum: least, maximum: most, description }) as const;

const ONE_REQUEST = {
  operation: { type: 'string', maxLength: 200, description: 'The id of an operation of the catalogue.' },
  params: { type: 'object', description: 'The values of its parameters by name.' },
  path: {
    type: 'string',
    maxLength: 2000,
    description: 'As TPE has it, without `/api/v1`: `/device/general`.',
  },
  method: { type: 'string', maxLength: 10, description: 'Left out: GET.' },
  requestBody: {
    description:
      'An object or list. A text in it may have placeholders, such as `{{gateway.clientid}}` and `{{value.port}}`; `{"$secret": "wifi-psk"}` stands for a secret by its name.',
  },
} as const;

/** A request that only reads, whose answer is compared: `pointer` names the place in the answer's payload. */
export const JOB_CONDITION = {
  type: 'object',
  properties: {
    ...ONE_REQUEST,
    pointer: {
      type: 'string',
      maxLength: 500,
      description: 'A JSON Pointer into the answer: `/data/enable`.',
    },
    equals: { description: 'What has to stand there; placeholders are filled.' },
    withinSeconds: seconds(1, 86_400, 'For how long it is asked again until it holds. Default 60.'),
    everySeconds: seconds(1, 3600, 'The pause between two requests. Default 5.'),
  },
  required: ['pointer', 'equals'],
  additionalProperties: false,
} as const;

/** JSON Schema of a command of a job. */
export const JOB_COMMAND = {
  type: 'object',
  properties: {
    ...ONE_REQUEST,
    check: { enum: CHECKS, description: 'What becomes of a request that does not fit the catalogue.' },
    timeoutSeconds: seconds(1, 3600, 'How long the gateway has for its answer.'),
    untilWell: {
      type: 'boolean',
      description:
        'Done only when the gateway is online again with the apps that ran before. Default: true for operations that restart it.',
    },
  },
  additionalProperties: false,
} as const;

/** JSON Schema of an installation of a job. */
export const JOB_INSTALL = {
  type: 'object',
  properties: {
    to: { enum: ['newest'], description: 'What the scan of updates recommends for the gateway.' },
    packages: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: { type: 'object' },
      description: 'Or these packages, as an installation takes them.',
    },
    snapshot: { type: 'boolean' },
    allowCellular: { type: 'boolean' },
    timeoutSeconds: seconds(1, 86_400, 'How long each package may take. Default 3600.'),
  },
  additionalProperties: false,
} as const;

const STEP = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 100 },
    always: {
      type: 'boolean',
      description: 'It is done also after an earlier step failed, such as closing a door.',
    },
    command: JOB_COMMAND,
    waitOnline: {
      type: 'object',
      properties: {
        settleSeconds: seconds(0, 3600, 'For how long it has to be online without a break. Default 20.'),
        withinSeconds: seconds(1, 86_400, 'Default 1800.'),
      },
      additionalProperties: false,
    },
    readUntil: JOB_CONDITION,
    install: JOB_INSTALL,
    verify: { ...JOB_CONDITION, description: 'Of a command: what the gateway has to say afterwards.' },
  },
  additionalProperties: false,
} as const;

/** JSON Schema of what is done: exactly one of the three. */
const DO = {
  type: 'object',
  properties: {
    command: JOB_COMMAND,
    install: JOB_INSTALL,
    steps: { type: 'array', items: STEP, minItems: 1, maxItems: MAX_STEPS },
  },
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
} as const;

/** JSON Schema of whom a job is meant for: exactly one of `ids`, `filter` and `all`. */
const TARGETS = {
  type: 'object',
  properties: {
    ids: CLIENT_IDS,
    filter: DEVICE_FILTER,
    all: { const: true, description: 'The whole fleet.' },
    expect: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_TARGETS,
      description: 'How many they are. The job is refused if the number differs by more than a tenth.',
    },
  },
  additionalProperties: false,
} as const;

const RETRIES = { type: 'integer', minimum: 0, maximum: 10 } as const;

/** JSON Schema of a job as callers give it. */
export const JOB_DEFINITION = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 200 },
    note: { type: 'string', maxLength: 2000 },
    do: DO,
    verify: { ...JOB_CONDITION, description: 'Of a single command: what the gateway has to say afterwards.' },
    targets: TARGETS,
    perTarget: {
      description:
        'Values of single gateways for `{{value.…}}`: the text of a CSV file with the column `clientid`, or a list of objects with it.',
      anyOf: [
        { type: 'string', maxLength: 20_000_000 },
        { type: 'array', items: { type: 'object' }, minItems: 1, maxItems: MAX_TARGETS },
      ],
    },
    rollout: {
      type: 'object',
      properties: {
        maxPerMinute: {
          type: 'number',
          minimum: 0.1,
          maximum: 6000,
          description: 'How many gateways are begun in a minute.',
        },
        maxInProgress: {
          type: 'integer',
          minimum: 1,
          maximum: 500,
          description: 'How many are under way at once.',
        },
        perSite: {
          type: 'integer',
          minimum: 1,
          maximum: 500,
          description: 'How many of one site are under way at once.',
        },
        jitterSeconds: seconds(0, 3600, 'Each start is put off by up to so long, by chance.'),
        outsideWindows: {
          type: 'boolean',
          description:
            'Begun also while the windows of a site are shut, or it is frozen. Takes an administrator where gateways are disturbed. Default false; what only reads heeds no windows.',
        },
      },
      additionalProperties: false,
    },
    timeouts: {
      type: 'object',
      properties: {
        inProgressSeconds: seconds(
          1,
          7 * 86_400,
          'How long one gateway may be under way. Default: the sum of the steps and 600.',
        ),
        offlineSeconds: seconds(
          1,
          90 * 86_400,
          'How long a gateway is waited for that is not online. Default 14 days.',
        ),
      },
      additionalProperties: false,
    },
    retry: {
      type: 'object',
      description: 'How often a gateway is tried again, where nothing can be done twice.',
      properties: {
        failed: { ...RETRIES, description: 'After FAILED. Default 0.' },
        timedOut: { ...RETRIES, description: 'After TIMED_OUT. Default 0.' },
        backoffSeconds: seconds(1, 86_400, 'The first pause; it doubles each time. Default 120.'),
      },
      additionalProperties: false,
    },
  },
  required: ['name', 'do', 'targets'],
  additionalProperties: false,
} as const;

/** A job as callers give it. */
export type JobDefinition = FromSchema<typeof JOB_DEFINITION>;
export type JobCommand = FromSchema<typeof JOB_COMMAND>;
export type JobInstall = FromSchema<typeof JOB_INSTALL>;
export type JobCondition = FromSchema<typeof JOB_CONDITION>;
export type JobTargets = FromSchema<typeof TARGETS>;
/** A step as callers give it. */
export type JobStepGiven = FromSchema<typeof STEP>;

/** A step as it is carried out; a job of one command or one installation has one of them. */
export type JobStep = { name: string; always: boolean } & (
  | { kind: 'command'; command: JobCommand; verify: JobCondition | null }
  | { kind: 'waitOnline'; settleSeconds: number; withinSeconds: number }
  | { kind: 'readUntil'; condition: JobCondition }
  | { kind: 'install'; install: JobInstall }
);

/** How a job goes through its gateways; what was left out has its default. */
export interface JobPace {
  maxPerMinute: number;
  maxInProgress: number;
  /** Null: no limit of the job's own. */
  perSite: number | null;
  jitterSeconds: number;
  /** Whether it is begun also while the windows of a site are shut. */
  outsideWindows: boolean;
  inProgressSeconds: number;
  offlineSeconds: number;
  retryFailed: number;
  retryTimedOut: number;
  backoffSeconds: number;
}
