import { toRaw } from 'vue';
import type { AnswerOf, InputOf } from '../../../api/procedures/index.js';
import { bodyToSend } from '../../../manager/catalogue/changed-fields.js';
import { blankBody, blankOf } from '../../../manager/catalogue/form-schema.js';
import { isMarked, namesIn } from '../../../manager/catalogue/marked-secrets.js';
import type { JsonSchema, Parameter } from '../../../manager/catalogue/operation.js';
import { throughJson } from '../../../manager/commands/body-text.js';
import { bareName } from '../../../manager/shared/secret-names.js';

/** A command that the person is filling in. */
export interface Draft {
  /** Null for a request by path and method. */
  operation: FormOperation | null;
  params: unknown;
  method: string;
  path: string;
  /** Undefined if the request has no body. */
  body: unknown;
  /** The body that would leave the gateways as they are, as far as it was read; left out until it was. */
  before?: unknown;
}

/** An operation with what can be read for its form. */
export type FormOperation = AnswerOf<'commands.operation'>;

/** Makes the first draft of an operation, which is blank: nobody has chosen a value yet. Null gives a draft by path and method. */
export function draftOf(operation: FormOperation | null): Draft {
  if (operation === null)
    return { operation, params: {}, method: 'GET', path: '/device/general', body: undefined };
  const { method, path } = operation;
  return {
    operation,
    params: blankOf(paramsSchema(operation.parameters)),
    method,
    path,
    body: blankBodyOf(operation),
  };
}

/** The body of a draft in which nothing was chosen yet; undefined if the operation has none. */
export function blankBodyOf({ bodySchema, bodyExample }: FormOperation): unknown {
  if (bodySchema !== null) return blankBody(bodySchema);
  return bodyExample === null || bodyExample === undefined ? undefined : {};
}

/** The folded names of what an operation marks as secrets in its request. */
export function markedOf(operation: FormOperation | null): ReadonlySet<string> {
  if (operation === null) return new Set();
  const { bodySchema, parameters } = toRaw(operation);
  const ofParameters = parameters.filter(({ schema }) => isMarked(schema)).map(({ name }) => bareName(name));
  return new Set([...(bodySchema === null ? [] : namesIn(bodySchema)), ...ofParameters]);
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
export function requestOf(draft: Draft): InputOf<'commands.check'> {
  const { operation, params, method, path } = draft;
  const body = sentBody(draft);
  const requestBody = body === undefined ? {} : { requestBody: body };
  if (operation === null) return throughJson({ method, path, ...requestBody });
  return throughJson({ operation: operation.id, params: params as Record<string, unknown>, ...requestBody });
}

/** The body that is sent: of a gateway whose values are known, what was changed; else all of the form. */
export function sentBody({ operation, body, before }: Draft): unknown {
  return operation === null || before === undefined ? body : bodyToSend(operation, before, body);
}
