import { isBlank } from './blank.js';
import { FAULT_TEXTS, filledIn } from './fault-texts.js';
import { type FieldFault, type Fields, type FieldValues, fault, type Surroundings } from './field.js';
import { NODE_FIELDS } from './node-fields.js';
import { SERVER_FIELDS } from './server-fields.js';

/** The fields of every node of ours that has some of its own, by type. */
export const FIELDS: Readonly<Record<string, Fields>> = { 'tpe-server': SERVER_FIELDS, ...NODE_FIELDS };

/** What is wrong with one field of a node; null where nothing is. */
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
  /** In English, with the field's name: `MQTT port: "x" is no port: give 0 to 65535`. */
  text: string;
}

/** All that is wrong with the fields of a node, in the order of its form. */
export function faultsOf(fields: Fields, node: FieldValues, around: Surroundings): NamedFault[] {
  return Object.entries(fields).flatMap(([name, { label }]) => {
    const found = fieldFault(fields, name, node, around);
    if (found === null) return [];
    return [{ field: name, text: `${label[1]}: ${filledIn(FAULT_TEXTS[found.rule], found.values)}` }];
  });
}
