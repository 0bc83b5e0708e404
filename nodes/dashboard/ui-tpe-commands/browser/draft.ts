import type { InputOf } from '../../../api/procedures/index.js';
import { startOf } from '../../../manager/catalogue/form-schema.js';
import type { JsonSchema, Operation, Parameter } from '../../../manager/catalogue/operation.js';
import { throughJson } from '../../../manager/commands/body-text.js';

/** A command that the person is filling in. */
export interface Draft {
  /** Null for a request by path and method. */
  operation: Operation | null;
  params: unknown;
  method: string;
  path: string;
  /** Undefined if the request has no body. */
  body: unknown;
}

/**
 * Makes the first draft of an operation: its example as body, and empty values for required parameters. Null gives a draft by path and
 * method.
 */
export function draftOf(operation: Operation | null): Draft {
  if (operation === null)
    return { operation, params: {}, method: 'GET', path: '/device/general', body: undefined };
  const { method, path, bodyExample } = operation;
  const takesBody = bodyExample !== null && bodyExample !== undefined;
  return {
    operation,
    params: startOf(paramsSchema(operation.parameters)),
    method,
    path,
    body: takesBody ? structuredClone(bodyExample) : undefined,
  };
}

/** Combines the schemas of the parameters into the schema of one object, so that one form can show them all. */
export function paramsSchema(parameters: readonly Parameter[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** Makes the request of a draft, as it is checked and sent. JSON cannot hold large integers exactly, so they are sent as text. */
export function requestOf({ operation, params, method, path, body }: Draft): InputOf<'commands.check'> {
  const requestBody = body === undefined ? {} : { requestBody: body };
  if (operation === null) return throughJson({ method, path, ...requestBody });
  return throughJson({ operation: operation.id, params: params as Record<string, unknown>, ...requestBody });
}
