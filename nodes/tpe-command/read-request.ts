import type { FromSchema } from 'json-schema-to-ts';
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { CHECKS, type CommandRequest, WHEN_GUARDED, WHEN_OFFLINE } from '../manager/commands/command.js';
import { isBlank } from '../node-red/fields/blank.js';
import { requestedBy } from '../node-red/login/requested-by.js';
import { fillBody } from '../node-red/runtime/body-values.js';
import {
  choiceOf,
  isObject,
  millisecondsOf,
  parser,
  requiredTextOf,
  textOf,
} from '../node-red/runtime/message-values.js';
import { evaluateField, fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';

export type RequestField =
  | 'operation'
  | 'path'
  | 'method'
  | 'requestBody'
  | 'check'
  | 'timeout'
  | 'whenOffline'
  | 'whenGuarded'
  | 'queueFor';

/** The fields of the form that define a request. */
export interface RequestConfig extends TypedFields<RequestField> {
  /** List of values for the parameters of the operation, each with its type. */
  params?: unknown;
}

const paramsSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      type: { enum: ['str', 'num', 'bool', 'json', 'msg', 'flow', 'global', 'env', 'jsonata'] },
      value: { type: 'string' },
    },
    required: ['name', 'type', 'value'],
    additionalProperties: false,
  },
} as const;
const parseParams = parser<FromSchema<typeof paramsSchema>>(paramsSchema, 'the field "params" of the node');

/**
 * Creates the function that builds the request to a gateway for a message. A value in the form wins; for a blank field the message property
 * of the same name counts. The function rejects with INVALID_INPUT.
 */
export function requestReader(
  RED: NodeAPI,
  node: Node,
  config: RequestConfig,
): (msg: NodeMessage) => Promise<Omit<CommandRequest, 'clientid'>> {
  const read = fieldReader<RequestField>(RED, node, config);

  async function params(msg: NodeMessage): Promise<unknown> {
    if (msg.params !== undefined && !isObject(msg.params)) return msg.params;
    const values: Record<string, unknown> = { ...msg.params };
    for (const { name, type, value } of parseParams(config.params ?? [])) {
      if (!isBlank(value)) values[name] = await evaluateField(RED, node, `params/${name}`, value, type, msg);
    }
    return values;
  }

  async function what(msg: NodeMessage): Promise<Partial<CommandRequest>> {
    // If the form has a path, it replaces the operation, so msg.operation does not count.
    const isByPath = isBlank(config.operation) && !isBlank(config.path);
    const operation = isByPath ? undefined : textOf(await read('operation', msg), 'operation');
    if (operation !== undefined) return { operation, params: await params(msg) };
    return {
      path: requiredTextOf(await read('path', msg), 'path'),
      method: textOf(await read('method', msg), 'method') ?? 'GET',
    };
  }

  async function body(msg: NodeMessage): Promise<unknown> {
    const given = await read('requestBody', msg);
    const isOfTheForm = config.requestBodyType === 'json' && !isBlank(config.requestBody);
    return isOfTheForm ? await fillBody(RED, node, given, msg) : given;
  }

  return async (msg) => {
    const check = choiceOf(await read('check', msg), 'check', CHECKS);
    return {
      ...(await what(msg)),
      requestBody: await body(msg),
      ...(msg.requestHeaders === undefined ? {} : { headers: msg.requestHeaders }),
      ...(check === undefined ? {} : { check }),
      timeoutMs: millisecondsOf(await read('timeout', msg), 'timeout'),
      whenOffline: choiceOf(await read('whenOffline', msg), 'whenOffline', WHEN_OFFLINE),
      whenGuarded: choiceOf(await read('whenGuarded', msg), 'whenGuarded', WHEN_GUARDED),
      queueForMs: millisecondsOf(await read('queueFor', msg), 'queueFor'),
      requestedBy: requestedBy(node, msg),
    };
  };
}
