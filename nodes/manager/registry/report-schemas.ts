import { CAUSE_OR_NULL } from '../shared/reason.js';
import { count, flag, listOf, objectOf, text, textOrNull, texts } from '../shared/value-schemas.js';
import { CREDENTIAL } from './device.js';

const fault = objectOf({
  line: { ...count, description: 'Of the file; of a JSON list the place, from 1.' },
  clientid: textOrNull,
  reason: text,
  cause: CAUSE_OR_NULL,
});

const told = {
  faults: listOf(fault),
  notes: {
    ...listOf(fault),
    description: 'What was changed, assumed or passed over while it was read, and what looks wrong.',
  },
  format: { enum: ['csv', 'json'] },
  encoding: {
    anyOf: [
      objectOf({
        name: text,
        isSure: { ...flag, description: 'False: it is not imported until one is named.' },
        others: { ...texts, description: 'What else it may be, the likeliest first.' },
      }),
      { type: 'null' },
    ],
  },
} as const;

const preview = {
  total: count,
  good: { ...count, description: 'How many rows would go in.' },
  sample: {
    ...listOf(
      objectOf({
        clientid: text,
        username: text,
        site: text,
        note: text,
        tags: texts,
        redundancy: text,
        hasPassword: { ...flag, description: 'False: one would be generated.' },
      }),
    ),
    description: 'The first of the good rows.',
  },
} as const;

const report = {
  total: count,
  registered: count,
  credentials: {
    ...listOf(CREDENTIAL),
    description: 'One for each row whose password was generated: shown here and never again.',
  },
} as const;

/** The schema of an ImportPreview. */
export const IMPORT_PREVIEW = objectOf({ ...preview, ...told });
/** The schema of an ImportReport. */
export const IMPORT_REPORT = objectOf({ ...report, ...told });

/** A file may have many faults and notes, so REST returns the first of them and these counts. */
const counts = { faultCount: count, noteCount: count } as const;
export const TOLD_PREVIEW = {
  ...objectOf({ ...preview, ...told, ...counts }),
  description: 'What an import would do.',
} as const;
export const TOLD_REPORT = {
  ...objectOf({ ...report, ...told, ...counts }),
  description: 'What became of a file of gateways.',
} as const;

/** The schema of a RotationReport. */
export const ROTATION_REPORT = {
  ...objectOf({
    credentials: listOf(CREDENTIAL),
    faults: {
      ...listOf(objectOf({ clientid: text, reason: text, cause: CAUSE_OR_NULL })),
      description: 'Those that are not registered.',
    },
  }),
  description: 'New passwords for several gateways.',
} as const;
