import { isBlank } from './blank.js';
import { FAULT_TEXTS, filledIn } from './fault-texts.js';
import { type FieldFault, type Fields, type FieldValues, fault, type Surroundings } from './field.js';
import { NODE_FIELDS } from './node-fields.js';
import { SERVER_FIELDS } from './server-fields.js';

/** The fields of the nodes of this pack, by type. Widgets have no fields with checks. */
export const FIELDS: Readonly<Record<string, Fields>> = { 'tpe-server': SERVER_FIELDS, ...NODE_FIELDS };

/** Checks one field of a node. Returns null if nothing is wrong, or if the node does not use the field. */
export function fieldFault(
  fields: Fields,
  name: string,
  node: FieldValues,
  around: Surroundings,
): FieldFault | null {
  const field = fields[name];
  if (field === undefined || field.when?.(node) === false) return null;
  const value = node[name];
  if (isBlank(value) || (typeof value === 'object' && field.check === undefined))
    return field.blank?.(node, around) ?? null;
  if (typeof value === 'object')
    return fault('reason', { reason: 'must be a text, not an object or a list' });
  return field.check?.(String(value).trim(), node, around) ?? null;
}

export interface NamedFault {
  field: string;
  /** English text with the label of the field: `MQTT port: "x" is not a port: enter 0 to 65535`. */
  text: string;
}

/** All faults of a node's fields, in the order of `fields`. */
export function faultsOf(fields: Fields, node: FieldValues, around: Surroundings): NamedFault[] {
  return Object.entries(fields).flatMap(([name, { label }]) => {
    const found = fieldFault(fields, name, node, around);
    if (found === null) return [];
    return [{ field: name, text: `${label[1]}: ${filledIn(FAULT_TEXTS[found.rule], found.values)}` }];
  });
}
