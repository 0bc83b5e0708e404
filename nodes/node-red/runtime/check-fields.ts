import type { NodeAPI } from 'node-red';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { FAULT_TEXTS, filledIn } from '../fields/fault-texts.js';
import type { Fields, FieldValues, Surroundings } from '../fields/field.js';
import { FIELDS, faultsOf } from '../fields/fields.js';
import { newerFormFault } from '../fields/migrations.js';

/** Throws INVALID_INPUT with all that is wrong with the fields of a node: the editor marks the same before Deploy. */
export function checkFields(
  title: string,
  fields: Fields,
  node: FieldValues,
  expressionFault: Surroundings['expressionFault'] = () => null,
): void {
  // What the environment gives is asked where it is needed.
  const faults = faultsOf(fields, node, { given: null, expressionFault });
  const [first] = faults;
  if (first === undefined) return;
  const text = faults.map((one) => one.text).join('; ');
  throw new TpeError('INVALID_INPUT', `${title}, ${text}.`, { field: first.field });
}

/** That a newer version of the pack stored the node; null where its form is known here. */
export function newerFormError(type: string, node: FieldValues): TpeError | null {
  const found = newerFormFault(type, node);
  if (found === null) return null;
  const text = filledIn(FAULT_TEXTS[found.rule], found.values);
  return new TpeError('INVALID_INPUT', `${type}, ${text}.`, { field: 'version' });
}

/** What is wrong with the fields of a node of ours; null where nothing is. */
export function faultOfNode(RED: NodeAPI, type: string, node: FieldValues): TpeError | null {
  const newer = newerFormError(type, node);
  if (newer !== null) return newer;
  try {
    checkFields(type, FIELDS[type] ?? {}, node, (kind, expression) => expressionFault(RED, kind, expression));
    return null;
  } catch (error) {
    if (error instanceof TpeError) return error;
    throw error;
  }
}

function expressionFault(RED: NodeAPI, type: string, expression: string): string | null {
  try {
    if (type === 'jsonata') RED.util.prepareJSONataExpression(expression, {} as never);
    else
      RED.util.normalisePropertyExpression(
        type === 'msg' ? expression : storedKey(expression),
        undefined as never,
        true,
      );
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** A context property may name its store: `#:(file)::counts.north`. */
function storedKey(expression: string): string {
  return /^#:\(.+?\)::(.*)$/s.exec(expression)?.[1] ?? expression;
}
