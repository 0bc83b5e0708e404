import type { FaultRule } from './fault-texts.js';

// The rules for the fields of nodes. The editor marks what the runtime refuses by the same rules. Nothing in this folder may import
// anything from Node.js or Node-RED, because this code also runs in the browser.

/** A fault of a field: its text in FAULT_TEXTS and the values to fill in. */
export interface FieldFault {
  rule: FaultRule;
  values: Readonly<Record<string, string | number>>;
}

/** All fields of a node as the editor stores them. */
export type FieldValues = Readonly<Record<string, unknown>>;

/** What a check needs to know in addition to the node. */
export interface Surroundings {
  /** Values that the environment gives, such as `mqttUrl`, so that their fields may be blank. Null if that is not known. */
  given: ReadonlySet<string> | null;
  /** Why an expression (msg, flow, global or jsonata) cannot be evaluated; null if it can. */
  expressionFault(type: string, expression: string): string | null;
}

/** Checks a field. `text` is its trimmed value, which is never blank. Returns null if nothing is wrong. */
export type FieldCheck = (text: string, node: FieldValues, around: Surroundings) => FieldFault | null;

export interface Field {
  /** The label in the form: its key in the node's locale, and its English text. */
  label: readonly [key: string, english: string];
  /** Left out if any text is valid. */
  check?: FieldCheck;
  /** Returns the fault of a blank field. Left out if the field may be blank. */
  blank?: (node: FieldValues, around: Surroundings) => FieldFault | null;
  /** Whether the node uses the field. An unused field is not checked. Left out if it is always used. */
  when?: (node: FieldValues) => boolean;
}

export type Fields = Readonly<Record<string, Field>>;

/** Creates a fault. `values` are filled into the text of `rule`. */
export function fault(rule: FaultRule, values: FieldFault['values'] = {}): FieldFault {
  return { rule, values };
}

const MAX_SHOWN_LENGTH = 60;

/** Shortens a value for the text of a fault. */
export function shown(text: string): string {
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH - 1).toWellFormed()}…`;
}
