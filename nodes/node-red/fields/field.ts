import type { FaultRule } from './fault-texts.js';

// The model of what the fields of nodes may hold. The editor marks by it what the runtime refuses by it, so nothing in this
// folder may import anything of Node.js or of Node-RED.

/** What is wrong with what a field holds. */
export interface FieldFault {
  rule: FaultRule;
  values: Readonly<Record<string, string | number>>;
}

/** All fields of a node as the editor stores them. */
export type FieldValues = Readonly<Record<string, unknown>>;

/** What a check needs to know beside the node. */
export interface Surroundings {
  /** What the environment gives, so that a field may be blank: `mqttUrl`. Null where that is not known. */
  given: ReadonlySet<string> | null;
  /** Why an expression (msg, flow, global or jsonata) cannot be evaluated; null where it can. */
  expressionFault(type: string, expression: string): string | null;
}

/** Null where nothing is wrong. `text` is what the field holds, trimmed, and never blank. */
export type FieldCheck = (text: string, node: FieldValues, around: Surroundings) => FieldFault | null;

export interface Field {
  /** Its name in the form: the key in the node's catalogue, and that in English. */
  label: readonly [key: string, english: string];
  /** Left out where any text is right. */
  check?: FieldCheck;
  /** What is wrong with a blank field. */
  blank?: (node: FieldValues, around: Surroundings) => FieldFault | null;
  /** When the node uses the field at all; what it does not use cannot be wrong. */
  when?: (node: FieldValues) => boolean;
}

export type Fields = Readonly<Record<string, Field>>;

export function fault(rule: FaultRule, values: FieldFault['values'] = {}): FieldFault {
  return { rule, values };
}

const MAX_SHOWN_LENGTH = 60;

/** What a fault quotes of a field. */
export function shown(text: string): string {
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH - 1).toWellFormed()}…`;
}
