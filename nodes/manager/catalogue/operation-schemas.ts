import { anything, flag, listOf, objectOf, text, textOrNull, texts } from '../shared/value-schemas.js';
import { RISK_CLASSES, RISKS } from './risk.js';
import { STYLES } from './validation/styles.js';

const schema = { type: 'object', description: 'JSON Schema draft-07, with words for a person.' } as const;
const schemaOrNull = { ...schema, type: ['object', 'null'] } as const;
const classes = listOf({ enum: RISK_CLASSES });

const parameter = {
  type: 'object',
  properties: {
    name: text,
    in: { enum: ['path', 'query'] },
    required: flag,
    schema,
    style: { enum: STYLES },
    explode: flag,
    content: { const: 'application/json' },
    allowReserved: flag,
    allowEmptyValue: flag,
  },
  required: ['name', 'in', 'required', 'schema'],
  additionalProperties: false,
} as const;

const described = {
  id: text,
  category: text,
  name: text,
  method: text,
  path: { ...text, description: 'With placeholders: `/upgrades/{id}`.' },
  parameters: listOf(parameter),
  query: { type: 'object', additionalProperties: text, description: 'What the query must say.' },
  bodySchema: schemaOrNull,
  bodyExample: anything,
  answerSchema: schemaOrNull,
  answerExample: anything,
  risk: { enum: RISKS },
  classes,
  idempotent: { ...flag, description: 'Doing it twice is doing it once.' },
  restarts: { ...flag, description: 'It restarts the gateway or its MQTT application at once.' },
  mayCutMqtt: flag,
  actuates: { ...flag, description: 'It moves field equipment.' },
  models: texts,
} as const;

/** The fields that an operation may leave out. */
const more = {
  bodyRequired: flag,
  raisedBy: objectOf({ parameter: text, unless: text, risk: { enum: RISKS }, classes }),
} as const;

const whole = {
  ...described,
  refusedBecause: { ...textOrNull, description: 'Why it cannot be done over MQTT; null: it can.' },
  tpedm: { ...flag, description: "One of TPEDM's own." },
  source: { enum: ['tpe', 'own'], description: '`own`: added by the users.' },
} as const;

/** The JSON Schema of the type Operation. */
export const OPERATION = {
  ...objectOf(whole),
  properties: { ...whole, ...more },
  description: 'An operation of the catalogue, whole.',
} as const;

/** The JSON Schema of the type OperationsFile. */
export const OPERATIONS_FILE = {
  ...objectOf({
    format: { const: 'tpe-operations' },
    version: { const: 1 },
    operations: listOf({ ...objectOf(described), properties: { ...described, ...more } }),
  }),
  description: 'Own operations as a file, which another device manager imports.',
} as const;
