import type { InputOf } from '../../../api/procedures/index.js';
import { startOf } from '../../../manager/catalogue/form-schema.js';
import type { JsonSchema, Operation, Parameter } from '../../../manager/catalogue/operation.js';
import { throughJson } from '../../../manager/commands/body-text.js';

/** A command as far as it is filled in. */
export interface Draft {
  /** Null: a request by path and method. */
  operation: Operation | null;
  params: unknown;
  method: string;
  path: string;
  /** Undefined where there is none. */
  body: unknown;
}

/** A draft to begin with: the example of the operation, values that must be there empty. */
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

/** The parameters as one object. */
export function paramsSchema(parameters: readonly Parameter[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** As it is checked and sent. */
export function requestOf({ operation, params, method, path, body }: Draft): InputOf<'commands.check'> {
  const requestBody = body === undefined ? {} : { requestBody: body };
  if (operation === null) return throughJson({ method, path, ...requestBody });
  return throughJson({ operation: operation.id, params: params as Record<string, unknown>, ...requestBody });
}
