import { RISK_CLASSES, RISKS } from '../catalogue/risk.js';
import { GUARD_SCOPES } from '../guard/guard.js';
import { ID_CURSOR } from '../shared/page.js';
import { CAUSE_OR_NULL, REASON } from '../shared/reason.js';
import {
  count,
  digits,
  flag,
  listOf,
  objectOf,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
} from '../shared/value-schemas.js';
import { JOB_COMMAND, JOB_CONDITION, JOB_DEFINITION, JOB_INSTALL } from './definition/definition.js';
import { EXECUTION_STATES } from './execution.js';
import { EXECUTION_COUNTS } from './execution-schemas.js';
import { JOB_STATES, OUTCOMES, PAUSE_REASONS } from './job.js';

const { perTarget: _perTarget, ...kept } = JOB_DEFINITION.properties;
const seconds = { type: 'integer', minimum: 0 } as const;
const numberOrNull = { type: ['number', 'null'], minimum: 0 } as const;
const named = { name: text, always: flag } as const;

/** JSON Schema of a JobStep. */
export const JOB_STEP = {
  anyOf: [
    objectOf({
      ...named,
      kind: { const: 'command' },
      command: JOB_COMMAND,
      verify: { anyOf: [JOB_CONDITION, { type: 'null' }] },
    }),
    objectOf({ ...named, kind: { const: 'waitOnline' }, settleSeconds: seconds, withinSeconds: seconds }),
    objectOf({ ...named, kind: { const: 'readUntil' }, condition: JOB_CONDITION }),
    objectOf({ ...named, kind: { const: 'install' }, install: JOB_INSTALL }),
  ],
} as const;

/** JSON Schema of a JobPace. */
export const JOB_PACE = {
  ...objectOf({
    maxPerMinute: { type: 'number', exclusiveMinimum: 0 },
    maxInProgress: count,
    perSite: { type: ['integer', 'null'], minimum: 1, description: "Null: no limit of the job's own." },
    jitterSeconds: seconds,
    outsideWindows: { ...flag, description: 'Begun also while the windows of a site are shut.' },
    inProgressSeconds: seconds,
    offlineSeconds: seconds,
    retryFailed: count,
    retryTimedOut: count,
    backoffSeconds: seconds,
  }),
  description: 'How a job goes through its gateways; what its definition left out has its default.',
} as const;

const rating = { risk: { enum: RISKS }, classes: listOf({ enum: RISK_CLASSES }) } as const;

/** JSON Schema of a Job. */
export const JOB = {
  ...objectOf({
    id: digits,
    name: text,
    note: text,
    definition: {
      type: 'object',
      description:
        'As it was given, without `perTarget`. The `ids` of `targets` are in what `GET /job/{id}` answers alone.',
      properties: kept,
      required: JOB_DEFINITION.required,
      additionalProperties: false,
    },
    steps: listOf(JOB_STEP),
    pace: JOB_PACE,
    state: { enum: JOB_STATES },
    pauseReason: { enum: [...PAUSE_REASONS, null] },
    reason: { ...textOrNull, description: 'For a person: why it is as it is.' },
    cause: CAUSE_OR_NULL,
    outcome: { enum: [...OUTCOMES, null], description: 'Of one that is COMPLETED.' },
    ...rating,
    version: {
      ...count,
      description:
        'Grows with each change of state or definition: an act with `If-Match` on an older one is a conflict.',
    },
    total: { ...count, description: 'How many gateways it has, as far as they are recorded.' },
    counts: EXECUTION_COUNTS,
    requestedBy: text,
    createdAt: time,
    submittedAt: timeOrNull,
    endedAt: timeOrNull,
    updatedAt: time,
  }),
  description: 'One thing that is done to many gateways.',
} as const;

const { definition: _definition, pace: _pace, ...listed } = JOB.properties;

/** JSON Schema of a ListedJob. */
export const LISTED_JOB = {
  ...objectOf(listed),
  description: 'A job without its definition and pace.',
} as const;

const listQuery = {
  state: { enum: JOB_STATES },
  name: {
    type: 'string',
    pattern: '\\S',
    maxLength: 200,
    description: 'Words that are all in the name, in any case.',
  },
  limit: { type: 'integer', minimum: 1, maximum: 500, description: 'Default 50.' },
} as const;

/** JSON Schema of a JobQuery. */
export const JOB_QUERY = {
  type: 'object',
  properties: { ...listQuery, before: ID_CURSOR },
  additionalProperties: false,
} as const;

/** The same as it is asked from outside, where every list has a `cursor`. */
export const JOB_LIST_QUERY = { ...JOB_QUERY, properties: { ...listQuery, cursor: ID_CURSOR } } as const;

const share = listOf(objectOf({ value: text, count }));

/** JSON Schema of a JobPreview. */
export const JOB_PREVIEW = {
  ...objectOf({
    ...rating,
    hash: {
      ...text,
      description:
        'Of the definition and the gateways in their order: give it as `previewHash` when it is submitted.',
    },
    total: { ...count, description: 'How many gateways it is meant for.' },
    reached: { ...count, description: 'How many of them are reached now, or once they are online.' },
    online: count,
    leftOut: {
      ...listOf(objectOf({ reason: REASON, count, clientids: texts })),
      description: 'Who is not reached, or not now, and why; with the first client ids.',
    },
    sites: share,
    models: share,
    versions: share,
    steps: listOf(JOB_STEP),
    pace: JOB_PACE,
    bodies: {
      ...listOf(
        objectOf({
          clientid: text,
          requests: listOf(objectOf({ method: text, path: text, requestBody: {} })),
        }),
      ),
      description: 'What the first gateways would be sent; secrets are hidden.',
    },
    limits: {
      ...listOf(
        objectOf({
          scope: { enum: GUARD_SCOPES },
          asked: { ...count, description: 'What the pace asks for at most.' },
          count: { ...count, description: 'How many sites, models or redundancy sets are so.' },
          first: {
            ...listOf(objectOf({ value: text, max: count })),
            description: 'Those that take the longest; the value is empty for the fleet.',
          },
        }),
      ),
      description:
        'Where the limits of the guard let fewer gateways be disturbed at once than the pace asks for.',
    },
    shut: {
      ...listOf(
        objectOf({
          site: text,
          count: { ...count, description: 'How many gateways of the job are there.' },
          opensAt: { ...timeOrNull, description: 'Null: in no window.' },
          reason: REASON,
        }),
      ),
      description: 'Where nothing like it may be begun now; the sites with most gateways, 20 at most.',
    },
    seconds: {
      type: 'number',
      minimum: 0,
      description: 'How long it takes at least at this pace and within these limits, s.',
    },
    bytes: { ...numberOrNull, description: 'What all gateways load together; null if that is not known.' },
    bytesPerSecond: numberOrNull,
    confirmation: {
      ...textOrNull,
      description: 'What has to be given as `confirm` to submit it; null: nothing.',
    },
  }),
  description: 'What a job would do. Nothing is written for it.',
} as const;

/** JSON Schema of a FailureCluster. */
export const FAILURE_CLUSTER = {
  ...objectOf({
    state: { enum: EXECUTION_STATES },
    reason: textOrNull,
    cause: CAUSE_OR_NULL,
    model: textOrNull,
    version: textOrNull,
    count,
    retriedAlone: {
      ...count,
      description:
        'How many of them a retry of all leaves out, since it is not known whether they have done it: each is tried again by its name.',
    },
    clientids: { ...texts, description: 'The first of them.' },
  }),
  description: 'Failures that have reason, model and firmware in common.',
} as const;

/** JSON Schema of a JobProgress. */
export const JOB_PROGRESS = objectOf({ at: time, succeeded: count, failed: count });
