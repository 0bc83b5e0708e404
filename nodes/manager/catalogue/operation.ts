import type { Risk, RiskClass } from './risk.js';
import type { Style } from './validation/styles.js';

/**
 * JSON Schema draft-07, with words for a person beside it: `title`, `unit` of a number ("s", "bytes"), `enumTitles` in the
 * order of `enum`, and `patternTitle` for what a pattern wants. `format: "password"` marks what is not shown.
 */
export type JsonSchema = { [keyword: string]: unknown };

/** A value of a path's placeholder, or of the query. */
export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: JsonSchema;
  /** How a list or an object is written, by OpenAPI's names. Left out: a list is one text with commas, as TPE takes it. */
  style?: Style;
  /** Each entry on its own: `ids=1&ids=2`. */
  explode?: boolean;
  /** The value is written as JSON, whatever it is. */
  content?: 'application/json';
  /** Characters such as `/` and `:` stand in the query as they are. */
  allowReserved?: boolean;
  /** An empty text is sent, too, as `name=`. */
  allowEmptyValue?: boolean;
}

/** A parameter of the query that makes more of an operation, with any value but one. */
export interface RaisedBy {
  parameter: string;
  unless: string;
  risk: Risk;
  classes: RiskClass[];
}

/** One operation of the TPE REST API. */
export interface Operation {
  id: string;
  category: string;
  name: string;
  method: string;
  /** With placeholders: `/upgrades/{id}`. */
  path: string;
  /** Each placeholder of the path, then what the query may say. */
  parameters: Parameter[];
  /** What the query must say for this operation: `{mode: 'factory'}`. */
  query: Record<string, string>;
  /** False where it may be left out; left out, the schema alone says it. */
  bodyRequired?: boolean;
  /** Null where the operation takes no body, or where nothing is known of it. */
  bodySchema: JsonSchema | null;
  /** A safe example; null where the operation takes no body. */
  bodyExample: unknown;
  /** Of the payload of an answer with a status of 2xx; null where it is not known. */
  answerSchema: JsonSchema | null;
  answerExample: unknown;
  risk: Risk;
  /** What else it may do, in the order of RISK_CLASSES; with any it is disruptive at least. */
  classes: RiskClass[];
  /** Left out where nothing makes more of it. */
  raisedBy?: RaisedBy;
  /** Doing it twice is doing it once, so it may be retried. */
  idempotent: boolean;
  /** It may cut the gateway's own MQTT connection: the class `cuts-mqtt`. */
  mayCutMqtt: boolean;
  /** It moves field equipment: the class `moves-equipment`. */
  actuates: boolean;
  /** Null, or why it cannot be done over MQTT. */
  refusedBecause: string | null;
  /** For which it is documented; empty: not known. */
  models: string[];
  /** One of TPEDM's own 57. */
  tpedm: boolean;
  /** `tpe`: it came with the pack. `own`: it was added by the users of this database. */
  source: 'tpe' | 'own';
}
