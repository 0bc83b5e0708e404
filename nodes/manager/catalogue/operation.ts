import type { Risk, RiskClass } from './risk.js';
import type { Style } from './validation/styles.js';

/**
 * JSON Schema draft-07, with additional words for a person: `title`, `unit` of a number ("s", "bytes"), `enumTitles` in the order
 * of `enum`, and `patternTitle` for what a pattern requires. `format: "password"` marks a secret, which is never shown.
 */
export type JsonSchema = { [keyword: string]: unknown };

/** A parameter of an operation, in a placeholder of the path or in the query. */
export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: JsonSchema;
  /** How a list or an object is written, by OpenAPI's names. Left out: a list is one text with commas, as TPE expects it. */
  style?: Style;
  /** True: each entry is written on its own, such as `ids=1&ids=2`. */
  explode?: boolean;
  /** The value is written as JSON, whatever its type. */
  content?: 'application/json';
  /** True: characters such as `/` and `:` are not encoded in the query. */
  allowReserved?: boolean;
  /** True: an empty text is sent too, as `name=`. */
  allowEmptyValue?: boolean;
}

/** A parameter of the query that raises the risk of an operation, unless it has the value `unless`. */
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
  /** With placeholders, such as `/upgrades/{id}`. */
  path: string;
  /** The placeholders of the path, then the parameters of the query. */
  parameters: Parameter[];
  /** What the query must have for a request to be this operation, such as `{mode: 'factory'}`. */
  query: Record<string, string>;
  /** False: the body may be left out. Undefined: the schema alone decides. */
  bodyRequired?: boolean;
  /** Null where the operation takes no body, or where its body is not known. */
  bodySchema: JsonSchema | null;
  /** An example that is safe to send; null where the operation takes no body. */
  bodyExample: unknown;
  /** The schema of the payload of an answer with a 2xx status; null where it is not known. */
  answerSchema: JsonSchema | null;
  answerExample: unknown;
  risk: Risk;
  /** What else it may do, in the order of RISK_CLASSES. With any class, the risk is disruptive at least. */
  classes: RiskClass[];
  /** Left out where no parameter raises the risk. */
  raisedBy?: RaisedBy;
  /** Repeating it has no further effect, so it may be retried. */
  idempotent: boolean;
  /** It restarts the gateway, or the application that holds its MQTT connection, as soon as it is taken. */
  restarts: boolean;
  /** It may cut the gateway's own MQTT connection: the class `cuts-mqtt`. */
  mayCutMqtt: boolean;
  /** It moves field equipment: the class `moves-equipment`. */
  actuates: boolean;
  /** Why it cannot be done over MQTT; null: it can. */
  refusedBecause: string | null;
  /** The models for which it is documented; empty: not known. */
  models: string[];
  /** True for TPEDM's own 57 operations. */
  tpedm: boolean;
  /** `tpe`: from the pack. `own`: custom, added by the users of this database. */
  source: 'tpe' | 'own';
}
