import type { NodeAPI } from 'node-red';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { FAULT_TEXTS, filledIn } from '../fields/fault-texts.js';
import type { Fields, FieldValues, Surroundings } from '../fields/field.js';
import { FIELDS, faultsOf } from '../fields/fields.js';
import { newerFormFault } from '../fields/migrations.js';

/** Throws INVALID_INPUT with all faults of a node's fields. The editor marks the same faults before a deploy. */
export function checkFields(
  title: string,
  fields: Fields,
  node: FieldValues,
  expressionFault: Surroundings['expressionFault'] = () => null,
): void {
  // Values that the environment could give are not required here. The code that needs one also looks in the environment.
  const faults = faultsOf(fields, node, { given: null, expressionFault });
  const [first] = faults;
  if (first === undefined) return;
  const text = faults.map((one) => one.text).join('; ');
  throw new TpeError('INVALID_INPUT', `${title}, ${text}.`, { field: first.field });
}

/** Returns an error if a newer version of the pack stored the node, else null. */
export function newerFormError(type: string, node: FieldValues): TpeError | null {
  const found = newerFormFault(type, node);
  if (found === null) return null;
  const text = filledIn(FAULT_TEXTS[found.rule], found.values);
  return new TpeError('INVALID_INPUT', `${type}, ${text}.`, { field: 'version' });
}

/** Returns an error with all faults of a node of this pack; null if nothing is wrong. */
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

/** Removes the name of the context store from a property such as `#:(file)::counts.north`. */
function storedKey(expression: string): string {
  return /^#:\(.+?\)::(.*)$/s.exec(expression)?.[1] ?? expression;
}
